"""Importing: rows become items once, whatever happens; what is not taken is told with a reason."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import jobs
from annotation.errors import ImportRefused, TooLarge
from annotation.formats import Record
from annotation.imports import column_labels, importing, row_importer
from annotation.models import (
    Annotation,
    Import,
    ImportReject,
    Item,
    JobStatus,
    Label,
    Outcome,
    Project,
    Reason,
    User,
)
from annotation.signals import items_committed

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def table(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@pytest.fixture
def bring(project: Project, lead: User) -> Callable[..., Import]:
    """Return a function raw bytes, mapping -> the import when it has ended."""

    def run(raw: bytes, mapping: dict[str, Any] | None = None) -> Import:
        row = importing.create_import(project, lead, SimpleUploadedFile("data.csv", raw))
        importing.start_draft(row, mapping)
        importing.run_import(row.pk)
        row.refresh_from_db()
        return row

    return run


def counts(row: Import) -> tuple[int, int, int, int]:
    return row.rows_read, row.rows_added, row.rows_duplicate, row.rows_rejected


def reasons(row: Import) -> dict[int, str]:
    return dict(row.rejects.values_list("row", "reason"))


def test_rows_become_items_with_meta_and_hidden(bring: Any, project: Project) -> None:
    raw = table([["id", "text", "topic", "truth"], ["a", "hello", "x", "1"], ["b", "  spaces kept ", "y", "2"]])
    row = bring(raw, {"text": "text", "id": "id", "hidden": ["truth"]})
    assert (row.status, counts(row)) == (JobStatus.DONE, (2, 2, 0, 0))
    items = list(Item.objects.filter(project=project))
    assert [item.position for item in items] == [0, 1]
    assert [item.content for item in items] == [{"text": "hello"}, {"text": "  spaces kept "}]
    assert (items[0].external_id, items[0].meta, items[0].export_only) == ("a", {"topic": "x"}, {"truth": "1"})
    assert items[0].content_hash == importing.content_hash({"text": "hello"})
    project.refresh_from_db()
    assert project.item_count == 2
    assert row.bytes_read == row.size == len(raw)


def test_labels_become_answers_of_the_imported_user(bring: Any, project: Project) -> None:
    row = bring(table([["text", "label"], ["a", "spam"], ["b", ""], ["c", " ham "], ["d", "eggs"]]))
    assert counts(row) == (4, 3, 0, 1)
    assert "'eggs' is not a label of this project; its labels are: ham, spam" in reasons(row)[4]
    answers = list(Annotation.objects.answers().filter(project=project).select_related("user", "item"))
    assert [(a.item.content["text"], a.value) for a in answers] == [
        ("a", {"labels": ["spam"]}),
        ("c", {"labels": ["ham"]}),
    ]
    user = answers[0].user
    assert (user.username, user.is_machine, user.is_active, user.has_usable_password()) == (
        "imported",
        True,
        False,
        False,
    )
    assert {(a.reason, a.outcome, a.live) for a in answers} == {(Reason.IMPORTED, Outcome.LABEL, True)}
    assert list(project.items.values_list("answers", flat=True)) == [1, 0, 1]


def test_a_person_called_imported_is_not_the_machine(db: None) -> None:
    person = User.objects.create_user("imported")
    assert row_importer.import_machine_user() != person
    assert row_importer.import_machine_user() == row_importer.import_machine_user()


@pytest.mark.parametrize("create", [None, True])
def test_labels_are_made_where_there_are_none_or_it_is_asked(bring: Any, project: Project, create: bool | None) -> None:
    mapping = {"text": "text", "label": "label"}
    if create is None:
        project.labels.all().delete()
    else:
        mapping["create_labels"] = True  # type: ignore[assignment]
    row = bring(table([["text", "label"], ["a", "spam"], ["b", "eggs"], ["c", "spam"]]), mapping)
    assert counts(row) == (3, 3, 0, 0)
    names = [label.name for label in project.labels.all()]
    assert names == (["spam", "eggs"] if create is None else ["ham", "spam", "eggs"])
    assert len(set(project.labels.values_list("key", flat=True))) == len(names)


def test_an_upload_brings_each_label_once(bring: Any, project: Project) -> None:
    mapping = {"text": "text", "label": "label", "create_labels": True}
    labels = ["café", "cafe\u0301", "Café", "sp\u200bam", "tea", "TEA"]
    row = bring(table([["text", "label"], *[[f"text {n}", label] for n, label in enumerate(labels, 1)]]), mapping)
    assert counts(row) == (6, 3, 0, 3)
    assert [label.name for label in project.labels.all()] == ["ham", "spam", "café", "tea"]
    told = reasons(row)
    assert "looks like 'café'" in told[3]
    assert "nobody can see (U+200B ZERO WIDTH SPACE)" in told[4]
    assert "looks like 'tea'" in told[6]


def test_a_column_that_is_no_label_column_makes_no_end_of_labels(bring: Any, project: Project) -> None:
    rows = [["text", "label"], *[[f"text {n}", f"label {n}"] for n in range(300)]]
    row = bring(table(rows), {"text": "text", "label": "label", "create_labels": True})
    assert Label.objects.filter(project=project).count() == column_labels.MAX_COLUMN_LABELS
    assert row.rows_rejected == 300 - column_labels.MAX_COLUMN_LABELS + 2
    assert "really the column" in reasons(row)[300]


def test_duplicates_and_taken_ids_are_told_with_their_twin(bring: Any, project: Project, make_items: Any) -> None:
    [old] = make_items(project, ["old"], external_id="a")
    rows = [["id", "text"], ["b", "new"], ["c", "old"], ["d", "new"], ["a", "other"], ["b", "another"], ["", "   "]]
    row = bring(table(rows))
    assert counts(row) == (6, 1, 2, 3)
    told = reasons(row)
    assert told[2] == f"The same as item {old.pk}."
    assert told[3] == "The same as row 1."
    assert f"'a' belongs to item {old.pk}" in told[4]
    assert "'b' belongs to row 1" in told[5]
    assert "empty" in told[6]
    again = bring(table(rows))
    assert counts(again) == (6, 0, 3, 3)


def test_of_rows_that_were_not_added_the_first_are_kept_and_all_counted(
    bring: Any, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 7)
    monkeypatch.setattr(row_importer, "MAX_KEPT_REJECTS", 10)
    row = bring(b"text,stars\ngood,1\n" + b"good,1\ngood,1,2,3\n" * 40)
    assert counts(row) == (81, 1, 40, 40)
    kept = list(ImportReject.objects.filter(run=row).values_list("row", "kind"))
    assert kept == [(n, "rejected" if n % 2 else "duplicate") for n in range(2, 22)]


def test_positions_stay_dense_over_chunks_and_imports(
    bring: Any, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 7)
    bring(table([["text"], *[[f"one {n // 2}"] for n in range(30)]]))
    bring(table([["text"], *[[f"two {n}"] for n in range(10)]]))
    assert list(project.items.values_list("position", flat=True)) == list(range(25))


def test_jsonl_keeps_json_values(bring: Any, project: Project) -> None:
    lines = [
        {"text": "a", "label": ["spam"], "tags": ["x", 1]},
        {"text": 5},
        {"text": {"no": 1}},
        {"label": "spam"},
        {"text": "b", "label": None},
    ]
    row = bring("\n".join(map(json.dumps, lines)).encode(), {"text": "text", "label": "label"})
    assert counts(row) == (5, 3, 0, 2)
    assert reasons(row) == {3: "'text' is not a text.", 4: "The row has no 'text'."}
    assert [item.meta for item in project.items.all()] == [{"tags": ["x", 1]}, {}, {}]


def test_characters_of_every_kind_arrive(bring: Any, project: Project) -> None:
    texts = [
        "你好，世界",
        "🙂 emoji",
        'quote " tab \t back\\slash \\N',
        "line\nend\r\nand\rreturn",
        "\\.",
        "'",
        "é\u0301",
    ]
    bring(table([["text", "note"], *[[text, text] for text in texts]]))
    assert [(item.content["text"], item.meta["note"]) for item in project.items.all()] == [(t, t) for t in texts]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({}, "which column is the text"),
        ({"text": "nothing"}, "no column 'nothing'"),
        ({"text": "text", "label": "text"}, "cannot be two things"),
        ({"text": "text", "hidden": "label"}, "list of columns"),
        ({"text": "text", "colour": "label"}, "does not know: colour"),
        ([], "is an object"),
    ],
)
def test_a_wrong_mapping_starts_nothing(project: Project, lead: User, mapping: Any, words: str) -> None:
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text,label\na,ham\n"))
    with pytest.raises(ImportRefused, match=words):
        importing.start_draft(row, mapping)
    row.refresh_from_db()
    assert row.status == JobStatus.DRAFT


def test_a_refused_file_leaves_nothing(project: Project, lead: User, settings: Any) -> None:
    with pytest.raises(ImportRefused):
        importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text,label\n\0\n"))
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(TooLarge, match="larger than"):
        importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text,label\na,ham\n"))
    assert not Import.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


def test_a_file_refused_by_the_survey_adds_no_row(bring: Any, project: Project) -> None:
    row = bring(b"text\n" + b"hello\n" * 200_000 + b"x" * 11_000_000)
    assert (row.status, counts(row)) == (JobStatus.FAILED, (0, 0, 0, 0))
    assert "longer than 10 MB" in row.error
    assert not project.items.exists()


def test_an_import_is_started_once_and_run_by_one_worker(project: Project, lead: User, settings: Any) -> None:
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))
    importing.start_draft(row)
    with pytest.raises(ImportRefused):
        importing.start_draft(row)
    assert jobs.claim_job(Import, row.pk, "first") is not None
    importing.run_import(row.pk, "second")
    row.refresh_from_db()
    assert (row.worker, row.rows_added) == ("first", 0)
    settings.STALE_SECONDS = -1
    importing.run_import(row.pk, "second")
    row.refresh_from_db()
    assert (row.status, row.worker, row.rows_added) == (JobStatus.DONE, "second", 1)


def test_a_worker_thought_dead_cannot_write(project: Project, lead: User, settings: Any) -> None:
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\nb\n"))
    importing.start_draft(row)
    dead = jobs.claim_job(Import, row.pk, "dead")
    assert isinstance(dead, Import)
    settings.STALE_SECONDS = -1
    importing.run_import(row.pk, "successor")
    with pytest.raises(jobs.JobTakenOver):
        row_importer.RowImporter(dead).add([Record(1, {"text": "from the grave"})], 10)
    assert project.items.count() == 2


def test_a_bug_is_kept_with_the_import(bring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(row_importer.RowImporter, "add", broken)
    row = bring(b"text\na\n")
    assert row.status == JobStatus.FAILED
    assert "ZeroDivisionError" in row.error


def test_a_chunk_costs_a_fixed_number_of_queries(project: Project, lead: User) -> None:
    def queries(n: int) -> int:
        raw = table([["id", "text", "label"], *[[f"{n}-{i}", f"text {n} {i // 2}", "ham"] for i in range(n)]])
        row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", raw))
        importing.start_draft(row)
        chunk = jobs.claim_job(Import, row.pk, "me")
        assert isinstance(chunk, Import)
        rows = [Record(i + 1, {"id": f"{n}-{i}", "text": f"t {n} {i // 2}", "label": "ham"}) for i in range(n)]
        taken = row_importer.RowImporter(chunk)
        with CaptureQueriesContext(connection) as captured:
            taken.add(rows, 1)
        return len(captured)

    # savepoint and release, project, labels, known contents, known ids, items (not counted as a query on
    # PostgreSQL: COPY), project's count, items' numbers, answers, rejects, the import's counters
    assert queries(4) == queries(1000) <= 12


def test_listeners_hear_of_every_chunk_and_of_the_end(
    bring: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 10)
    monkeypatch.setattr(jobs, "wake_worker", lambda *_: None)
    heard: list[bool] = []

    def listen(sender: object, done: bool, **kwargs: object) -> None:
        heard.append(done)

    receivers, items_committed.receivers = items_committed.receivers, []
    items_committed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            bring(table([["text"], *[[f"text {n}"] for n in range(25)]]))
    finally:
        items_committed.receivers = receivers
        items_committed.sender_receivers_cache.clear()
    assert heard.count(False) == 3
    assert heard.count(True) == 1


def test_sweep_wakes_what_waits(project: Project, lead: User, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    woken: list[int] = []
    monkeypatch.setattr(jobs, "wake_worker", lambda _, pk, **_expires: woken.append(pk))
    states = {}
    for name in ("draft", "queued", "running", "stale", "done"):
        row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))
        states[name] = row
        if name != "draft":
            importing.start_draft(row)
    other = Project.objects.create(name="Other", task_type="text_classification")  # where one runs, none else is woken
    Import.objects.filter(pk=states["running"].pk).update(project=other)
    jobs.claim_job(Import, states["running"].pk, "alive")
    jobs.claim_job(Import, states["stale"].pk, "dead")
    Import.objects.filter(pk=states["stale"].pk).update(heartbeat_at="2020-01-01T00:00Z")
    Import.objects.filter(pk=states["done"].pk).update(status="done")
    jobs.sweep()
    assert sorted(woken) == sorted([states["queued"].pk, states["stale"].pk])
