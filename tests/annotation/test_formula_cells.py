"""Exports that a spreadsheet may open: no text runs as a formula, and every text comes back as it was."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from annotation.api.imports import _reject_lines
from annotation.exports import exporting
from annotation.formats import FORMATS, FileOptions, Record
from annotation.formats.column_inference import EXPORTED, RAW_CELLS
from annotation.formats.formula_cells import (
    FORMULA,
    WRITTEN_NUMBER,
    escape_formula,
    escape_formulas,
    has_escaped_formulas,
    unescape_formula,
)
from annotation.imports import importing
from annotation.models import Import, ImportReject, Item, Label, Project, User

DANGEROUS = ["=1+1", "+x", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1", "=", "-", "--1"]
HARMLESS = ["", "a=1", "'a", "' =1", "-1", "+2.5", "-1,5", "-1e-9", "0", "'"]
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n")),
    st.builds("".join, st.lists(st.sampled_from(["'", "=", "+", "-", "@", "\t", "\r", "1", ".", "e", ",", "x"]))),
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_becomes_text(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_stays(text: str) -> None:
    assert escape_formula(text) == text


@given(TEXTS)
def test_each_text_comes_back(text: str) -> None:
    written = escape_formula(text)
    assert unescape_formula(written) == text
    assert written.startswith("'") or WRITTEN_NUMBER.fullmatch(written) or not FORMULA.match(written)


@given(st.lists(st.dictionaries(st.sampled_from(["text", "=note"]), TEXTS.map(lambda text: text.replace("\r", "\n")))))
def test_a_table_comes_back(rows: list[dict[str, str]]) -> None:
    names = ["text", "=note", *EXPORTED]
    for name in ("csv", "tsv"):
        form = FORMATS[name]
        text = "".join(form.write(escape_formulas(rows, names), list(map(escape_formula, names))))
        options = FileOptions(format=name, delimiter={"csv": ",", "tsv": "\t"}[name])
        columns = form.columns(text.encode(), options)
        assert columns == names
        read = form.read(io.BytesIO(text.encode()), FileOptions(**{**vars(options), "columns": columns}))
        found = [row.fields for row in read if isinstance(row, Record)]
        assert [{key: row[key] for key in ("text", "=note")} for row in found] == [
            {key: row.get(key, "") for key in ("text", "=note")} for row in rows
        ]


def test_only_tables_of_margin_lose_their_apostrophes() -> None:
    assert has_escaped_formulas(["text", *EXPORTED])
    assert not has_escaped_formulas(["text", *EXPORTED, RAW_CELLS])
    assert not has_escaped_formulas(["text", "label"])


# The whole way


def make_items(project: Project) -> list[str]:
    texts = [text.replace("\r", "\n") for text in DANGEROUS] + [text for text in HARMLESS if text]
    for number, text in enumerate(dict.fromkeys(texts)):
        Item.objects.create(
            project=project,
            position=number,
            external_id=f"={number}",
            content={"text": text},
            content_hash=importing.content_hash({"text": text}),
            meta={"+note": text, "number": -number},
        )
    Project.objects.filter(pk=project.pk).update(item_count=len(set(texts)))
    return list(dict.fromkeys(texts))


def exported(project: Project, user: User, **filters: Any) -> bytes:
    run = exporting.create_export(project, user, "csv", {"unlabelled": True, **filters})
    exporting.run_export(run.pk)
    run.refresh_from_db()
    with run.file.open("rb") as file:
        return bytes(file.read())


@pytest.mark.django_db
@pytest.mark.parametrize("raw", [False, True])
def test_items_are_the_same_after_an_export_and_an_import(raw: bool, project: Project, lead: User) -> None:
    texts = make_items(project)
    data = exported(project, lead, raw=raw)
    cells = [cell for row in csv.reader(io.StringIO(data.decode(), newline="")) for cell in row]
    risky = [
        cell
        for cell in cells
        if FORMULA.match(cell) and not cell.startswith("'") and not WRITTEN_NUMBER.fullmatch(cell)
    ]
    assert bool(risky) is raw
    other = Project.objects.create(name="other", task_type="text_classification")
    Label.objects.create(project=other, name="ham", key="1", order=0)
    run = importing.create_import(other, lead, SimpleUploadedFile("a.csv", data))
    importing.start_draft(run, {"text": "text", "id": "external_id", "hidden": run.mapping["hidden"]})
    importing.run_import(run.pk)
    came = list(Item.objects.filter(project=other).order_by("position"))
    assert [item.content["text"] for item in came] == texts
    assert [item.meta["+note"] for item in came] == texts
    assert [item.external_id for item in came] == [f"={n}" for n in range(len(texts))]
    assert Import.objects.get(pk=run.pk).rows_rejected == 0


@pytest.mark.django_db
def test_the_preview_shows_the_apostrophes_and_counts_them(
    project: Project, lead: User, client_of: Callable[..., Client]
) -> None:
    make_items(project)
    where, client = reverse("api-export-preview", args=[project.pk]), client_of(lead)
    safe = client.get(where, {"unlabelled": "true"}).json()
    assert safe["defused_cells"] > 0
    assert "'=1+1" in safe["text"]
    for query in ({"raw": "true"}, {"format": "jsonl"}):
        plain = client.get(where, {"unlabelled": "true", **query}).json()
        assert plain["defused_cells"] == 0
        assert "'=1+1" not in plain["text"]
    made = client.post(
        reverse("api-exports", args=[project.pk]), {"filters": {"raw": True}}, content_type="application/json"
    )
    assert made.json()["filters"]["raw"] is True


@pytest.mark.django_db
def test_rejected_rows_are_no_formulas(project: Project, lead: User) -> None:
    run = Import.objects.create(project=project, created_by=lead, format="csv")
    ImportReject.objects.create(run=run, row=1, kind="rejected", reason="no", excerpt="=1+1")
    assert list(_reject_lines(run))[1] == "1,rejected,no,'=1+1\r\n"
