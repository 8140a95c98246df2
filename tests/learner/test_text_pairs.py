"""Features of pairs of texts, and what is learnt of them."""

from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.exports.export_table import Filters, Table
from annotation.imports import importing
from annotation.models import Project, QueueEntry, User
from annotation.projects.projects import create_project
from learner.engine.estimators import ESTIMATORS
from learner.engine.features import FEATURE_SETS
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round
from learner.reports.progress import current_progress
from learner.rounds import running

THINGS = ["lamp", "bill", "train", "doctor", "garden", "piano", "ticket", "bread", "river", "winter"]
PAIRS = [(f"where can i find a {a} in town", f"is there any {b} close to me") for a in THINGS for b in THINGS] * 2
LABELS = np.array(["same" if a == b else "different" for a in THINGS for b in THINGS] * 2)
FEATURES = FEATURE_SETS["text_pairs"]


@pytest.fixture(scope="module")
def fitted():
    return FEATURES.fit(PAIRS, 0)


def test_a_pair_is_the_same_both_ways_round_and_lies_on_disk(fitted, tmp_path: Path) -> None:
    rows = fitted.transform(PAIRS[:7])
    assert rows.shape == (7, fitted.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(rows, fitted.transform([(b, a) for a, b in PAIRS[:7]]), atol=1e-6)
    fitted.save(tmp_path)
    assert np.array_equal(FEATURES.load(tmp_path).transform(PAIRS[:7]), rows)


def test_texts_without_known_words_are_numbers_too(fitted) -> None:
    assert np.isfinite(fitted.transform([("", ""), ("☃", "lamp")])).all()
    chinese = FEATURES.fit([("这家店很好吃", "味道不错"), ("送餐太慢", "等了一个小时")] * 20, 0)
    rows = chinese.transform([("这家店很好吃", "送餐太慢")])
    assert rows.shape == (1, chinese.dimensions)
    assert np.isfinite(rows).all()


def test_equal_texts_have_the_cosine_one(fitted) -> None:
    rows = fitted.transform([("is there any piano", "is there any piano")])
    assert rows[0, -2:] == pytest.approx([1, 1], abs=1e-5)
    assert np.abs(rows[0, : fitted.text.dimensions]).max() < 1e-6


def test_what_is_the_same_is_learnt_of_other_words_than_those_of_the_training_pairs(fitted) -> None:
    rows = fitted.transform(PAIRS)
    seen = np.array([i % 100 < 70 for i in range(len(PAIRS))])  # the first seven things
    model = ESTIMATORS["logistic"](rows[seen], LABELS[seen], 0)
    unseen = ~seen
    scores = model.predict_proba(rows[unseen])[:, list(model.classes).index("same")]
    same = LABELS[unseen] == "same"
    assert scores[same].min() > np.quantile(scores[~same], 0.9)


@pytest.fixture
def project(lead: User) -> Project:
    return create_project(lead, "Same?", "text_pair_classification", [{"name": "same"}, {"name": "different"}])


def bring(project: Project, lead: User, table: str, name: str = "pairs.csv") -> dict[str, object]:
    run = importing.create_import(project, lead, SimpleUploadedFile(name, table.encode()))
    guessed = dict(run.mapping)
    importing.start_draft(run)
    importing.run_import(run.pk)
    run.refresh_from_db()
    assert (run.status, run.rows_rejected) == ("done", 0)
    return guessed


@pytest.mark.parametrize(
    ("name", "table", "columns"),
    [
        ("a.csv", "id,premise,hypothesis,label\n1,Where?,In which place?,same\n", ("premise", "hypothesis", "label")),
        (
            "a.tsv",
            "sentence1\tsentence2\tgold_label\nWhere?\tWhen?\tdifferent\n",
            ("sentence1", "sentence2", "gold_label"),
        ),
        ("a.jsonl", '{"text_a": "Where?", "text_b": "When?", "label": "same"}\n', ("text_a", "text_b", "label")),
    ],
)
@pytest.mark.django_db
def test_columns_are_guessed_and_answers_come_along(
    project: Project, lead: User, name: str, table: str, columns: tuple[str, ...]
) -> None:
    guessed = bring(project, lead, table, name)
    assert (guessed["text_a"], guessed["text_b"], guessed["label"]) == columns
    assert set(project.items.get().content) == {"text_a", "text_b"}
    assert project.annotations.get().value["labels"][0] in ("same", "different")


@pytest.mark.django_db
def test_what_was_exported_comes_back(project: Project, lead: User) -> None:
    bring(project, lead, "text_a,text_b,label\nWhere?,When?,different\nWho?,Which person?,same\nWhy?,What for?,\n")
    table = Table(project, Filters(answers="gold", unlabelled=True))
    rows = list(table.read_records(table.read_columns()))
    assert [(row["text_a"], row["text_b"], row["label"]) for row in rows][:2] == [
        ("Where?", "When?", "different"),
        ("Who?", "Which person?", "same"),
    ]
    assert rows[0]["source"] == "imported"


@pytest.mark.django_db
def test_a_round_learns_pairs_and_ranks_the_queue(project: Project, lead: User) -> None:
    known = [label if n % 10 < 6 else "" for n, label in enumerate(LABELS[:100])]
    rows = [f"{a},{b},{label}" for (a, b), label in zip(PAIRS[:100], known, strict=True)]
    bring(project, lead, "\n".join(["text_a,text_b,label", *rows]) + "\n")
    running.run_due_rounds(project.pk)
    done = Round.objects.get(project=project)
    assert (done.status, done.error, done.metrics["classes"]) == ("done", "", ["different", "same"])
    assert done.settings["features"].startswith("text_pairs-v")
    ranked = QueueEntry.objects.filter(project=project, suggestion__isnull=False)
    assert {entry.suggestion["labels"][0] for entry in ranked} == {"same", "different"}
    document = current_progress(project).document
    assert [measure["key"] for measure in document["measures"]] == ["accuracy", "macro_f1"]


def test_the_profile_reads_both_texts() -> None:
    profile = TASK_PROFILES["text_pair_classification"]
    assert profile.content.material({"text_a": "Where?", "text_b": "When?"}) == ("Where?", "When?")
    assert profile.content.automatic == "text_pairs"
    assert profile.answers is TASK_PROFILES["text_classification"].answers
