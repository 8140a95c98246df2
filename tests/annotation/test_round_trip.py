"""What a project exports, a new project of the same kind imports: the same items and answers, for every task type."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.exports.export_table import Filters, Table
from annotation.formats import WRITABLE
from annotation.imports import importing
from annotation.models import Annotation, Import, Project, User
from annotation.projects import projects
from annotation.tasktypes import TASK_TYPES
from tests.annotation.answers import ANSWERS
from tests.pictures import archive, picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
COLORS = ("red", "blue", "tan", "green")
LABELS = ("ham", "spam", "food/fruit")


def contents(task_type: str) -> list[dict[str, str]]:
    """Return columns of four items, whatever their content kind."""
    content = TASK_TYPES[task_type].content
    rows = [{column.key: f"{column.key} {n}, a “text”" for column in content.columns} for n in range(4)]
    for n, row in enumerate(rows):
        row |= {"text": f"Win a prize now {n}"} if "text" in row else {}
        row |= {"job": f"nurse {n}", "age": str(40 + n)} if content.has_fields else {}
        row |= {"id": f"id {n}", "source_note": f"kept {n}"}
    return rows


def raw_of(task_type: str, rows: list[dict[str, Any]]) -> bytes:
    """Return an upload; images are packed with a table that names them."""
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    if TASK_TYPES[task_type].content.archive != "images":
        return lines
    files = {f"{n}.png": picture(color) for n, color in enumerate(COLORS)}
    return archive({**files, "metadata.jsonl": lines})


@pytest.fixture
def make(lead: User) -> Callable[[str], Project]:
    """Return a function task type -> a new project with labels."""

    def project_of(task_type: str) -> Project:
        built_in = TASK_TYPES[task_type].built_in_labels or not TASK_TYPES[task_type].answer.has_labels
        return projects.create_project(lead, "p", task_type, [] if built_in else [{"name": name} for name in LABELS])

    return project_of


def bring(project: Project, lead: User, raw: bytes) -> Import:
    run = importing.create_import(project, lead, SimpleUploadedFile("data", raw))
    importing.start_draft(run)
    importing.run_import(run.pk)
    run.refresh_from_db()
    assert (run.status, run.rows_rejected, run.error) == ("done", 0, ""), run.rejects.values_list("reason", flat=True)
    return run


def state(project: Project) -> list[tuple[Any, ...]]:
    """Return content, id and answers of the items; of an image its pixels' name without the project's folder."""
    answers: dict[int, list[Any]] = {}
    for item, value in Annotation.objects.answers().filter(project=project).values_list("item", "value"):
        answers.setdefault(item, []).append(value)
    rows = []
    for item in project.items.all():
        content = {key: value.split("/")[-1] if key == "image" else value for key, value in item.content.items()}
        rows.append((item.external_id, content, answers.get(item.pk, [])))
    return sorted(rows, key=lambda row: row[0])


@pytest.mark.parametrize("unlabelled", [True, False])
@pytest.mark.parametrize("form", ["csv", "jsonl", "tsv"])
@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_an_export_comes_back_as_it_was(
    make: Callable[[str], Project], lead: User, task_type: str, form: str, *, unlabelled: bool
) -> None:
    project, kind = make(task_type), TASK_TYPES[task_type]
    rows = contents(task_type)
    for row, value in zip(rows, ANSWERS[task_type], strict=False):  # the last items have no answer
        row["label"] = kind.answer.to_cell(value)
    if kind.content.archive == "images":
        rows = [
            {"file": f"{n}.png", **{key: row[key] for key in row.keys() - {"image", "id"}}}
            for n, row in enumerate(rows)
        ]
        if task_type == "boxes":
            rows = [{"boxes" if key == "label" else key: row[key] for key in row} for row in rows]
    bring(project, lead, raw_of(task_type, rows))
    before = state(project)
    assert len(before) == 4
    answered = [row for row in before if row[2]]
    assert len(answered) == len(ANSWERS[task_type])

    table = Table(project, Filters("gold", unlabelled=unlabelled))
    columns = table.read_columns()
    raw = "".join(WRITABLE[form].write(table.read_records(columns), [column.name for column in columns])).encode()
    if kind.content.archive == "images":
        pictures = {f"{n}.png": picture(color) for n, color in enumerate(COLORS)}
        raw = archive({**pictures, f"labels.{form}": raw})
    again = make(task_type)
    bring(again, lead, raw)
    after = state(again)
    expected = before if unlabelled or kind.content.archive == "images" else answered
    assert after == expected
    shown = {name for meta in again.items.values_list("meta", flat=True) for name in meta}
    assert not shown & {"value", "label", "outcome", "annotator", "suggestion"}


def test_ratings_name_what_was_rated(make: Callable[[str], Project], lead: User) -> None:
    project = make("ratings")
    bring(project, lead, b"userId,movieId,rating,title\nu1,m1,4.5,Alpha\nu1,m2,2,Beta\nu2,m1,,Alpha\n")
    table = Table(project, Filters("gold", unlabelled=True))
    rows = list(table.read_records(table.read_columns()))
    assert [(row["user"], row["product"], row["label"]) for row in rows] == [
        ("u1", "m1", "4.5"),
        ("u1", "m2", "2"),
        ("u2", "m1", None),
    ]


def test_the_old_name_of_the_product_is_read(make: Callable[[str], Project], lead: User) -> None:
    project = make("ratings")
    bring(project, lead, b"user,thing,label\nu1,m1,4.5\n")
    assert project.items.get().content == {"user": "u1", "thing": "m1"}
