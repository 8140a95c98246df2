"""Columns of tables as numbers: what kind they are found to be, and what comes of their cells."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from learner.engine import column_kinds
from learner.engine.features import feature_set_named
from learner.engine.features.left_out_column import LeftOutColumn
from learner.engine.features.table_columns import (
    CategoryColumn,
    CodeColumn,
    DateColumn,
    FreeTextColumn,
    MultiValueColumn,
    NumberColumn,
    RobustScaler,
    fit_column,
)
from learner.engine.features.table_rows import TableRowFeatures

MONTHS = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 17)]


def table(**columns: list[object]) -> list[dict[str, object]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "-3e2", "1,234", ""] * 5, NumberColumn),
        (["1", "2", "many", "3"] * 5, CategoryColumn),
        (MONTHS, DateColumn),
        ([f"{day:02}.05.2024 ".strip() for day in range(1, 29)], DateColumn),
        ([f"{month}/{day}/2023" for month in (1, 2, 3) for day in (5, 13, 28)], DateColumn),
        (["red", "green", "NULL", "red"] * 5, CategoryColumn),
        (["Drama|War", "Drama", "War|Comedy", "Comedy"] * 5, MultiValueColumn),
        (["Drama", "War", "Comedy"] * 9 + ["Drama|War"], CategoryColumn),
        ([f"{n}|{n + 1} of {n}" for n in range(40)], FreeTextColumn),
        ([f"order {n} came late in {n % 7} boxes" for n in range(40)], FreeTextColumn),
    ],
)
def test_the_kind_of_a_column_is_found_from_its_cells(cells: list[str], kind: type) -> None:
    assert isinstance(fit_column("x", cells), kind)


@pytest.mark.parametrize("cells", [[""] * 9, ["n/a", "?"] * 5, ["same"] * 9, [f"u{n:04}" for n in range(40)], []])
def test_a_column_that_says_nothing_is_left_out(cells: list[str]) -> None:
    column = fit_column("x", cells)
    assert isinstance(column, LeftOutColumn)
    assert column.reason in ("constant", "unreadable")
    assert column.transform(cells).shape == (len(cells), 0)


@pytest.mark.parametrize(
    ("name", "cells", "is_id"),
    [
        ("n", [str(n) for n in range(1000, 1100)], True),
        ("n", [str(n) for n in range(1000, 1040)], False),  # chance, or a small table
        ("n", [str(n * 7 % 101) for n in range(100)], False),
        ("client_id", [str(n * 7 % 101) for n in range(100)], True),
        ("clientId", [str(n * 7 % 101) for n in range(100)], True),
        ("paid", [str(n * 7 % 101) for n in range(100)], False),
        ("n", [str(n) for n in range(99)] + [""], False),
        ("n", [f"{n / 7:.4f}" for n in range(100)], False),
        ("n", [f"{n:032x}" for n in range(10**9, 10**9 + 100)], True),
        ("n", [f"{n:08x}-12ab-34cd-56ef-{n:012x}" for n in range(100)], True),
    ],
)
def test_ids_are_left_out(name: str, cells: list[str], is_id: bool) -> None:
    column = fit_column(name, cells)
    assert (isinstance(column, LeftOutColumn) and column.reason == "id") == is_id


def test_few_whole_numbers_are_codes_as_well() -> None:
    column = fit_column("grade", ["1", "2", "5", ""] * 10)
    assert isinstance(column, CodeColumn)
    assert column.values == (1, 2, 5)
    rows = column.transform(["2", "3", ""])
    assert rows[:, : column.number.width].tolist() == column.number.transform(["2", "3", ""]).tolist()
    assert rows[:, column.number.width :].tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    for cells in (["0", "1"] * 20, [str(n) for n in range(13)] * 9, ["0.5", "1", "2"] * 9, ["1", "2", "3"] * 4):
        assert isinstance(fit_column("x", cells), NumberColumn)


def test_a_lead_says_what_a_column_is(tmp_path: Path) -> None:
    rows = table(
        zip=[str(10000 + n % 3) for n in range(60)],
        no=[str(n) for n in range(60)],
        note=["late", "fine"] * 30,
        day=["2024-05-01", "?", "soon"] * 20,
        kind=["a", "b"] * 30,
    )
    assert [column.kind for column in TableRowFeatures().fit(rows, 0).columns] == [
        *("code", "left_out", "category", "category", "category")
    ]
    kinds = {"zip": "category", "no": "number", "note": "text", "day": "date", "kind": "leave_out", "gone": "number"}
    features = feature_set_named(column_kinds.feature_set_name(kinds))
    assert features == TableRowFeatures(kinds)
    made = features.fit(rows, 0)
    assert [column.kind for column in made.columns] == ["category", "number", "words", "date", "left_out"]
    made.save(tmp_path)
    assert features.load(tmp_path) == made
    nonsense = TableRowFeatures({"kind": "number", "note": "date"}).fit(rows, 0).columns
    assert {column.name: column.reason for column in nonsense if isinstance(column, LeftOutColumn)} == {
        "no": "id",
        "kind": "unreadable",
        "note": "unreadable",
    }


def test_numbers_are_scaled_by_quartiles_and_cut_off() -> None:
    column = fit_column("x", [str(n) for n in reversed(range(101))])
    assert isinstance(column, NumberColumn)
    assert column.median == 50
    rows = column.transform(["50", "1e9", "-1e9", "words", ""])
    assert rows[:, 0].tolist() == [0, 3, -3, 0, 0]
    normal = np.random.default_rng(0).normal(7, 3, 5000)
    assert RobustScaler.fit(normal)(normal).std() == pytest.approx(1, abs=0.05)


def test_missing_numbers_and_the_mode_have_a_flag_of_their_own() -> None:
    column = fit_column("x", ["999"] * 60 + [str(n) for n in range(30)] + ["unknown"] * 10)
    assert isinstance(column, NumberColumn)
    assert column.mode == 999
    assert column.has_missing
    assert column.transform(["999", "", "14.5"]).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["12,5", "7", "1.234,5", "1.500", "0,125"], [12.5, 7, 1234.5, 1500, 0.125]),
        (["12.5", "7", "1,234.5", "1,500", "0.125"], [12.5, 7, 1234.5, 1500, 0.125]),
        (["1\u00a0234,5", "2\u202f000", "3,25", "4", "5"], [1234.5, 2000, 3.25, 4, 5]),
    ],
)
def test_a_decimal_comma_is_found_from_the_column(cells: list[str], numbers: list[float], tmp_path: Path) -> None:
    table = TableRowFeatures().fit([{"price": cell} for cell in cells], 0)
    plain = TableRowFeatures().fit([{"price": repr(number)} for number in numbers], 0)
    expected = plain.transform([{"price": repr(number)} for number in numbers])
    assert table.transform([{"price": cell} for cell in cells]).tolist() == expected.tolist()
    table.save(tmp_path)
    assert TableRowFeatures().load(tmp_path) == table


def test_rare_categories_are_one() -> None:
    column = fit_column("x", ["a"] * 500 + ["b"] * 490 + ["c"] + ["-"] * 9)
    assert isinstance(column, CategoryColumn)
    assert column.values == ("", "a", "b")
    assert column.transform(["a", "c", "never seen", "none"]).argmax(axis=1).tolist() == [1, 3, 3, 0]
    assert (column.transform(["a", "c"]).sum(axis=1) == 1).all()


def test_each_of_several_values_in_a_cell_counts() -> None:
    column = fit_column("x", ["Drama|War", "Drama", "", "War | Comedy"] * 30 + ["Western|Silent"])
    assert isinstance(column, MultiValueColumn)
    assert column.values == ("Comedy", "Drama", "War")
    rows = column.transform(["War|Drama", "Drama|Drama", "Comedy|Silent", "", "Opera"])
    assert rows[0].tolist() == pytest.approx([0, 0.5**0.5, 0.5**0.5])
    assert rows[1:].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_dates_know_the_season_the_weekday_and_the_hour() -> None:
    column = fit_column("x", [f"{day}T09:00" for day in MONTHS])
    assert isinstance(column, DateColumn)
    new_year, midsummer, gone = column.transform(["2024-01-01T00:00", "2024-07-01T12:00", ""])
    assert new_year[0] < 0 < midsummer[0]
    assert gone.tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    assert midsummer[5] == pytest.approx(-1, abs=0.01)  # half a year from the cosine's top
    assert new_year[7] == pytest.approx(1)
    assert midsummer[7] == pytest.approx(-1)


def test_free_text_is_its_frequent_words() -> None:
    column = fit_column("x", [f"Late delivery number {n}" for n in range(20)] + [f"Fine {n}" for n in range(20, 40)])
    assert isinstance(column, FreeTextColumn)
    assert column.words == ("delivery", "fine", "late", "number")
    assert column.transform(["LATE, late delivery!"])[0].tolist() == pytest.approx([0.5**0.5, 0, 0.5**0.5, 0])


def test_a_table_goes_to_disk_and_comes_back(tmp_path: Path) -> None:
    rows = table(
        n=[1, 2.5, None, 4] * 10,
        code=[1, 2, None, 4] * 10,
        id=range(40),
        day=(MONTHS * 2)[:40],
        kind=["a", "b", True, "a"] * 10,
        tags=["a|b", "b"] * 20,
        note=["so it is", "no"] * 20,
    )
    made = TableRowFeatures().fit(rows, 0)
    made.save(tmp_path)
    again = TableRowFeatures().load(tmp_path)
    assert again == made
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}
    np.testing.assert_array_equal(again.transform(rows), made.transform(rows))


def test_unknown_and_lacking_fields_do_no_harm() -> None:
    made = TableRowFeatures().fit(table(n=[1, 2, 3, 4], kind=["a", "b", "a", "b"]), 0)
    rows = made.transform([{}, {"n": "3", "kind": "b", "extra": "?"}, {"n": ["list"], "kind": {"x": 1}}])
    assert rows.shape == (3, made.dimensions)
    assert np.isfinite(rows).all()
    assert rows[0].tolist() == rows[2].tolist()


def test_a_table_of_nothing_has_one_column_of_zeros() -> None:
    made = TableRowFeatures().fit([{"a": "x"}, {"a": "x"}], 0)
    assert made.dimensions == 1
    assert not made.transform([{"a": "x"}, {}]).any()


def test_an_export_of_a_spreadsheet_reads_as_a_person_would() -> None:
    text = "age,since,plan,notes\n" + "".join(
        f'{20 + n % 50},{MONTHS[n % 24]},{("basic", "plus")[n % 2]},"{"called about the bill" if n % 3 else ""}"\n'
        for n in range(200)
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [column.kind for column in TableRowFeatures().fit(rows, 0).columns] == [
        "number",
        "date",
        "category",
        "category",
    ]


def test_a_table_that_the_version_before_stored_is_read_and_written_as_it_was(tmp_path: Path) -> None:
    stored = (
        '[{"kind": "number", "name": "days", "middle": 50.0, "deviation": 2.0, "usual": 999.0, "gaps": true}, '
        '{"kind": "date", "name": "day", "middle": 7.0, "deviation": 1.0, "form": ""}, '
        '{"kind": "several", "name": "genres", "values": ["Drama", "War"]}]'
    )
    (tmp_path / "records.json").write_text(stored, encoding="utf-8")
    table = TableRowFeatures().load(tmp_path)
    assert table.transform([{"days": "54", "genres": "War"}])[0, :3].tolist() == [2, 0, 0]
    assert table.transform([{"days": "999"}])[0, :3].tolist() == [0, 1, 0]
    table.save(tmp_path / "again")
    assert (tmp_path / "again" / "records.json").read_text(encoding="utf-8") == stored
