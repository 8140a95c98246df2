"""Columns of an encoder beside the usual ones: in one matrix, chosen by the random labels, made once."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from annotation.models import JobStatus, Project
from annotation.tasktypes.answers import LabelSet
from learner.engine.column_views import (
    BOTH_VIEW,
    ENCODER_VIEW,
    PLAIN_VIEW,
    VIEWS,
    base_version,
    view_of_version,
    viewed_columns,
)
from learner.engine.contracts.estimator import Estimator
from learner.engine.estimators import ESTIMATORS
from learner.engine.features import feature_set_named
from learner.engine.features.encoders import text_encoding
from learner.engine.fitting.column_choice import ColumnChoice, choose_columns
from learner.engine.storage.feature_store import FeatureStore
from learner.models import Round
from learner.rounds import column_selection, feature_matrices, replay, running
from learner.rounds.feature_selection import effective_feature_set_and_reason, encoder_library
from tests.learner import networks

pytestmark = pytest.mark.usefixtures("nothing_loaded")

ROWS, PLAIN_COLUMNS = 200, 6


def columns_and_labels(*, told_by: str, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Rows of which some columns tell the label, and the others nothing."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, ROWS)
    rows = rng.normal(0, 0.35, (ROWS, 2 * PLAIN_COLUMNS)).astype(np.float32)
    starts = {PLAIN_VIEW: [0], ENCODER_VIEW: [PLAIN_COLUMNS], BOTH_VIEW: [0, PLAIN_COLUMNS], "": []}[told_by]
    for start in starts:
        rows[np.arange(ROWS), start + labels] += 0.8 / len(starts)
    names = np.array(["a", "b", "c"], object)[labels]
    return {view: viewed_columns(rows, PLAIN_COLUMNS, view) for view in VIEWS}, names


@pytest.mark.parametrize("told_by", [PLAIN_VIEW, ENCODER_VIEW, BOTH_VIEW])
@pytest.mark.parametrize("current", VIEWS)
def test_the_columns_that_tell_something_are_chosen(told_by, current):
    candidates, labels = columns_and_labels(told_by=told_by)
    choice = choose_columns(candidates, labels, np.ones(ROWS, bool), current, ESTIMATORS["logistic"], 1)
    useless = {PLAIN_VIEW: ENCODER_VIEW, ENCODER_VIEW: PLAIN_VIEW, BOTH_VIEW: None}[told_by]
    assert choice.view != useless  # whether those that tell nothing stand beside them makes little difference
    assert choice.view == BOTH_VIEW or told_by != BOTH_VIEW
    assert max(choice.losses, key=choice.losses.get) == useless or told_by == BOTH_VIEW
    assert choice.random_labels == ROWS


def test_what_is_in_use_stays_where_nothing_is_better():
    candidates, labels = columns_and_labels(told_by="")
    stays = [
        choose_columns(candidates, labels[np.random.default_rng(seed).permutation(ROWS)], *rest, seed).view == view
        for seed in range(4)
        for view in VIEWS
        for rest in [(np.ones(ROWS, bool), view, ESTIMATORS["logistic"])]
    ]
    assert sum(stays) >= 7  # of twelve: one standard error is little


def test_few_random_labels_choose_nothing():
    candidates, labels = columns_and_labels(told_by=ENCODER_VIEW)
    is_random = np.arange(ROWS) < 29
    choice = choose_columns(candidates, labels, is_random, PLAIN_VIEW, ESTIMATORS["logistic"], 1)
    assert choice == ColumnChoice(PLAIN_VIEW, 29, {})


def test_only_random_labels_judge():
    """The others are of the columns that tell nothing: they would choose these."""
    candidates, labels = columns_and_labels(told_by=ENCODER_VIEW)
    is_random = np.arange(ROWS) % 2 == 0
    judged: list[np.ndarray] = []

    def watched(features, labels, seed, mask) -> Estimator:
        assert not mask.any()
        model = ESTIMATORS["logistic"](features, labels, seed, mask)
        judged.append(features)
        return model

    assert choose_columns(candidates, labels, is_random, PLAIN_VIEW, watched, 1).view == ENCODER_VIEW
    assert len(judged) == 15  # five folds of each
    assert all(len(part) == 160 for part in judged)  # all labels train


def test_columns_of_several_labels_are_chosen_too():
    candidates, labels = columns_and_labels(told_by=ENCODER_VIEW)
    targets = [LabelSet().target({"labels": [name, "all"] if name != "c" else ["all"]}) for name in labels]
    choice = choose_columns(
        candidates, np.array(targets, object), np.ones(ROWS, bool), PLAIN_VIEW, ESTIMATORS["relevance"], 1
    )
    assert choice.view == ENCODER_VIEW


def test_a_version_is_named_with_its_view():
    assert base_version("text+encoder-v3:both") == "text+encoder-v3" == base_version("text+encoder-v3")
    assert view_of_version("text+encoder-v3:both") == "both"
    assert view_of_version("text-v1") == ""


# On disk


@pytest.fixture
def tiny(settings, tmp_path) -> str:
    """The folder of an encoder that has been added and is in use."""
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("encoder", "add", str(networks.write_sentence_model(tmp_path / "tiny")), stdout=StringIO())
    return str(encoder_library().in_use("encoder"))


POOL = [f"free prize now {n}" if n % 2 else f"lunch milk day {n}" for n in range(90)]


def test_both_sets_lie_in_one_matrix_and_come_back(tiny, tmp_path):
    kind = feature_set_named(f"text+encoder:{tiny}")
    assert kind.name == "text+encoder"
    assert kind.needs_fit
    made = kind.fit(POOL, 0)
    rows = made.transform(POOL[:5])
    assert rows.shape == (5, 512 + networks.WIDTH)
    made.save(tmp_path / "kept")
    np.testing.assert_array_equal(kind.load(tmp_path / "kept").transform(POOL[:5]), rows)
    plain = feature_set_named("text").fit(POOL, 0).transform(POOL[:5])
    np.testing.assert_array_equal(viewed_columns(rows, 512, PLAIN_VIEW), plain)
    assert feature_set_named("nonsense+encoder:x") is None


def test_an_encoder_of_another_language_is_known_by_what_it_does_not_know(tiny, tmp_path):
    store, name = FeatureStore(tmp_path / "store"), f"text+encoder:{tiny}"
    for project, pool in ((1, POOL), (2, [f"这 家 店 的 外卖 很 好 {n}" for n in range(50)])):
        store.ensure_rows(project, len(pool), lambda start, pool=pool: iter([pool[start:]]), name)
        assert store.is_encoder_readable(project, store.current_version(project)) == (project == 1)


def test_what_the_encoder_made_is_not_made_again_when_the_rest_is_fitted_again(tiny, tmp_path, monkeypatch):
    store, name = FeatureStore(tmp_path / "store"), f"text+encoder:{tiny}"
    encoded: list[str] = []
    encode = text_encoding.TextEncoder.__call__
    monkeypatch.setattr(
        text_encoding.TextEncoder, "__call__", lambda self, texts: encoded.extend(texts) or encode(self, texts)
    )

    def texts(start):
        yield POOL[start:]

    store.ensure_rows(1, 50, lambda start: iter([POOL[start:50]]), name)
    assert store.ensure_rows(1, 90, texts, name) == 90  # a pool that has outgrown what it was fitted on
    assert encoded.count("") == 2  # to ask for the width, of each version
    assert sorted(text for text in encoded if text) == sorted(POOL)
    version = store.current_version(1)
    assert version.startswith("text+encoder-v")
    assert store.plain_dimensions(1, version) == 512
    np.testing.assert_array_equal(store.open_version(1, f"{version}:encoder"), np.asarray(store.open(1))[:, 512:])
    assert store.hold_features(1, 7, f"{version}:plain")
    assert store.held_features(1) == {version}


# In a project


def run(project) -> Round:
    running.run_due_rounds(project.pk)
    return Round.objects.filter(project=project).latest("number")


@pytest.mark.django_db(transaction=True)
def test_a_project_reads_both_until_its_random_labels_say_otherwise(
    tiny, project, messages, annotator, label, woken, monkeypatch
):
    assert effective_feature_set_and_reason(project) == (f"text+encoder:{tiny}", "")
    first = run(project)
    assert first.settings["features"].startswith("text-v")
    assert woken == ["build_features"]
    feature_matrices.build_features(project.pk)
    second = run(project)
    assert second.settings["features"].endswith(":both")
    asked = []

    def chosen(candidates, labels, is_random, current, estimator, seed):
        asked.append((sorted(candidates), current, int(is_random.sum())))
        return ColumnChoice(ENCODER_VIEW, 40, {PLAIN_VIEW: 0.9, ENCODER_VIEW: 0.2, BOTH_VIEW: 0.5})

    monkeypatch.setattr(column_selection, "choose_columns", chosen)
    label(project, annotator, 40)
    third = run(project)
    assert third.status == JobStatus.DONE
    assert third.settings["features"].endswith(":encoder")
    assert third.metrics["columns"]["losses"][ENCODER_VIEW] == 0.2
    assert asked[0][:2] == (sorted(VIEWS), BOTH_VIEW)
    label(project, annotator, 20)
    fourth = run(project)
    assert len(asked) == 1  # not until there are a quarter more random labels
    assert fourth.settings["features"].endswith(":encoder")
    model = feature_matrices.feature_store().load_model(project.pk, fourth.number)
    assert model.weights.shape[0] == networks.WIDTH
    assert replay.replay_round(fourth).is_identical


@pytest.mark.django_db(transaction=True)
def test_an_encoder_that_is_removed_is_gone_from_the_next_features(tiny, project, messages, woken):
    run(project)
    feature_matrices.build_features(project.pk)
    assert run(project).settings["features"].endswith(":both")
    library = encoder_library()
    library.remove(library.encoders()[0].name)
    assert effective_feature_set_and_reason(project) == ("text", "")
    feature_matrices.build_features(project.pk)
    last = run(project)
    assert last.settings["features"].startswith("text-v")


@pytest.mark.django_db
def test_who_asks_for_the_encoder_gets_it_alone_and_a_setting_names_another(tiny, project, settings):
    Project.objects.filter(pk=project.pk).update(settings={"features": "encoder"})
    project.refresh_from_db()
    assert effective_feature_set_and_reason(project) == (f"encoder:{tiny}", "")
    settings.ENCODERS = {**settings.ENCODERS, "encoder": "named"}
    kind, why = effective_feature_set_and_reason(project)
    assert (kind, "requirements-encoders.txt" in why) == ("text", True)
    project.settings = {"features": "lsa"}
    assert effective_feature_set_and_reason(project) == ("lsa", "")
    Project.objects.filter(pk=project.pk).update(settings={}, task_type="spans")
    project.refresh_from_db()
    assert effective_feature_set_and_reason(project) == ("text", "")
