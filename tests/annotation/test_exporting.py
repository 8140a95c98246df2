"""Exporting: what was said comes out with its provenance, and what comes out can go in again."""

import csv
import io
import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.errors import InvalidRequest
from annotation.exports import export_table, exporting
from annotation.exports.export_table import Filters, Table
from annotation.imports import importing
from annotation.models import Annotation, Export, Item, JobStatus, Project, User
from tests.annotation.test_formats import TEXT
from tests.scale import scaled

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def answer(item: Item, user: User, label: str | None, outcome: str = "label", **more: Any) -> Annotation:
    value = {"labels": [label]} if label else None
    row = Annotation.objects.create(
        project=item.project,
        item=item,
        user=user,
        outcome=outcome,
        value=value,
        uuid=uuid.uuid4(),
        **{"reason": "uncertain", **more},
    )
    if label:
        item.answers += 1
        item.save(update_fields=["answers"])
    return row


def export(project: Project, user: User, form: str = "jsonl", **filters: Any) -> str:
    row = exporting.create_export(project, user, form, filters)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    assert (row.status, row.error) == (JobStatus.DONE, "")
    with row.file.open("rb") as file:
        raw = file.read()
    assert row.size == len(raw)
    return raw.decode()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_gold_is_what_most_said_and_of_equals_the_first(
    project: Project, lead: User, annotator: User, reviewer: User, make_items: Any
) -> None:
    majority, tie, alone, bare = make_items(project, ["majority", "tie", "alone", "bare"])
    for user, label in ((lead, "ham"), (annotator, "spam"), (reviewer, "spam")):
        answer(majority, user, label)
    answer(tie, reviewer, "spam")
    answer(tie, lead, "ham")
    answer(alone, lead, "ham", duration_seconds=2.5, probability=0.25, score=0.5, round=3)
    answer(bare, lead, None, "skip")
    rows = lines(export(project, lead))
    assert [(r["text"], r["label"], r["annotator"], r["answers"], r["agreement"]) for r in rows] == [
        ("majority", "spam", "annotator", 3, 0.3333),
        ("tie", "spam", "reviewer", 2, 0.0),
        ("alone", "ham", "lead", 1, None),
    ]
    assert {k: rows[2][k] for k in ("seconds", "probability", "score", "round", "reason", "source", "split")} == {
        "seconds": 2.5,
        "probability": 0.25,
        "score": 0.5,
        "round": 3,
        "reason": "uncertain",
        "source": "human",
        "split": "pool",
    }
    assert [r["text"] for r in lines(export(project, lead, unlabelled=True))] == ["majority", "tie", "alone", "bare"]


def test_all_has_every_answer_that_stands(project: Project, lead: User, annotator: User, make_items: Any) -> None:
    one, two, _ = make_items(project, ["one", "two", "three"])
    answer(one, lead, "ham")
    answer(one, annotator, None, "flag")
    answer(two, lead, "spam", live=False)
    rows = lines(export(project, lead, answers="all"))
    assert [(r["text"], r["outcome"], r["annotator"]) for r in rows] == [
        ("one", "label", "lead"),
        ("one", "flag", "annotator"),
    ]
    rows = lines(export(project, lead, answers="all", unlabelled=True))
    assert [r["text"] for r in rows] == ["one", "one", "two", "three"]


def test_columns_that_clash_keep_apart(project: Project, lead: User, make_items: Any) -> None:
    make_items(project, ["a"], meta={"label": "m", "topic": "t"}, export_only={"topic": "h", "truth": "x"})
    [row] = lines(export(project, lead, unlabelled=True))
    assert (row["meta.label"], row["topic"], row["hidden.topic"], row["truth"]) == ("m", "t", "h", "x")


def test_an_empty_export_is_a_header(project: Project, lead: User) -> None:
    assert export(project, lead, "csv").startswith("external_id,text,label,")
    assert export(project, lead, "jsonl") == ""
    assert Export.objects.first().rows_written == 0  # type: ignore[union-attr]


def test_queries_do_not_grow_with_rows(
    project: Project, lead: User, make_items: Any, django_assert_num_queries: Any
) -> None:
    for item in make_items(project, 30):
        answer(item, lead, "ham")
    table = Table(project, Filters())
    columns = table.read_columns()
    # items, their answers, names of the annotators; then no more items
    with django_assert_num_queries(4):
        assert len(list(table.read_records(columns))) == 30


def test_rows_come_by_blocks(project: Project, lead: User, make_items: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_table, "BLOCK_ROWS", 4)
    make_items(project, 11)
    assert len(lines(export(project, lead, unlabelled=True))) == 11
    row = Export.objects.first()
    assert row is not None
    assert (row.rows_total, row.rows_written) == (11, 11)


@pytest.mark.parametrize("given", [{"answers": "best"}, {"unlabelled": 1}, {"since": 1}, []])
def test_bad_filters_are_refused(given: Any) -> None:
    with pytest.raises(InvalidRequest):
        Filters.clean(given)


def test_preview_is_the_beginning_of_the_file(project: Project, lead: User, make_items: Any) -> None:
    for item in make_items(project, 8, meta={"n": "1"}):
        answer(item, lead, "ham")
    shown = exporting.preview_export(project, "csv", Filters())
    whole = export(project, lead, "csv")
    assert whole.startswith(shown["text"])
    assert len(shown["rows"]) == exporting.PREVIEW_ROWS
    assert shown["rows_total"] == 8
    assert list(csv.reader(io.StringIO(whole, newline="")))[1] == shown["rows"][0]


def test_a_second_worker_makes_no_second_file(project: Project, lead: User, settings: Any) -> None:
    export(project, lead, "csv")
    row = Export.objects.get()
    exporting.run_export(row.pk)
    assert len([path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]) == 1


def test_a_worker_taken_over_leaves_no_file(
    project: Project, lead: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = exporting.create_export(project, lead, "csv")
    real = exporting._table_as_written

    def stolen(*args: Any) -> Any:
        Export.objects.filter(pk=row.pk).update(worker="somebody else")
        return real(*args)

    monkeypatch.setattr(exporting, "_table_as_written", stolen)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    assert (row.status, row.file.name) == (JobStatus.RUNNING, "")
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


WORDS = TEXT.filter(lambda text: bool(text.strip()))
ROWS = st.lists(
    st.tuples(WORDS, TEXT, st.sampled_from(["ham", "spam", ""])), min_size=1, max_size=6, unique_by=lambda r: r[0]
)


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
@given(rows=ROWS)
@settings(max_examples=scaled(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_goes_in_again(form: str, project: Project, lead: User, rows: list[tuple[str, str, str]]) -> None:
    other = Project.objects.create(name="again", task_type=project.task_type)
    first = Project.objects.create(name="first", task_type=project.task_type)
    records = "\n".join(
        json.dumps({"id": f"i{n}", "text": text, "note": note, "label": label or None})
        for n, (text, note, label) in enumerate(rows)
    )
    for target, raw in ((first, records), (other, None)):
        text = raw if raw is not None else export(first, lead, form, unlabelled=True)
        with override_settings(STALE_SECONDS=30):
            run = importing.create_import(target, lead, SimpleUploadedFile("again", text.encode()))
            importing.start_draft(run)
            importing.run_import(run.pk)
        run.refresh_from_db()
        assert (run.status, run.rows_added, run.error) == (JobStatus.DONE, len(rows), "")

    def told(project: Project) -> list[Any]:
        answers = dict(Annotation.objects.answers().filter(project=project).values_list("item_id", "value"))
        return [(i.external_id, i.content, i.meta, i.split, answers.get(i.pk)) for i in project.items.all()]

    assert told(other) == told(first)
    assert "probability" in other.items.first().export_only  # type: ignore[union-attr]
