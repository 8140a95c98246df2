"""What the columns of a project's table become, what a lead changes of it, and what each round notes."""

import pytest

from annotation.errors import InvalidSetting
from annotation.models import Item, Project
from annotation.projects.projects import update_project
from learner.engine.column_kinds import COLUMN_KIND_TITLES, LEFT_OUT_TITLES, SETTABLE_KINDS
from learner.engine.features.left_out_column import LEFT_OUT_REASONS
from learner.engine.features.table_columns import COLUMN_KINDS
from learner.models import Round
from learner.reports.table_columns import table_columns_report
from learner.rounds.feature_matrices import build_features, feature_store
from learner.rounds.running import run_due_rounds


@pytest.fixture
def table(project: Project) -> Project:
    """60 rows of a number, an id and a category."""
    Project.objects.filter(pk=project.pk).update(task_type="records", item_count=60)
    cells = [{"days": 60 - n * n % 47, "no": n, "plan": ("basic", "plus")[n % 2]} for n in range(60)]
    contents = [{"fields": fields} for fields in cells]
    Item.objects.bulk_create(
        Item(project=project, position=n, content=content, content_hash=bytes([n]) * 16)
        for n, content in enumerate(contents)
    )
    project.refresh_from_db()
    return project


def columns_of(project: Project) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["title"], one["reason"]) for one in table_columns_report(project)}


def test_a_lead_sees_what_columns_became_and_changes_it(table: Project) -> None:
    assert columns_of(table) == {}
    run_due_rounds(table.pk)
    known = {"days": ("number", ""), "no": ("left out", "an id: every row has another"), "plan": ("category", "")}
    assert columns_of(table) == known
    update_project(table, settings={"column_kinds": "no: number;days:leave out"})
    table.refresh_from_db()
    assert table.settings["column_kinds"] == "no: number; days: leave_out"
    build_features(table.pk)
    run_due_rounds(table.pk)
    assert columns_of(table) == {"days": ("left out", "set by a lead"), "no": ("number", ""), "plan": ("category", "")}
    assert feature_store().open(table.pk).shape == (60, 4)
    assert Round.objects.filter(project=table, metrics__has_key="columns").count() == 2


@pytest.mark.parametrize("text", ["days", "days: amount", ": number", "a: number; b"])
def test_a_kind_that_is_none_is_refused(table: Project, text: str) -> None:
    with pytest.raises(InvalidSetting, match="Kinds of columns"):
        update_project(table, settings={"column_kinds": text})


def test_all_kinds_have_titles() -> None:
    assert set(COLUMN_KINDS) == set(COLUMN_KIND_TITLES)
    assert set(LEFT_OUT_REASONS) == set(LEFT_OUT_TITLES)
    assert set(SETTABLE_KINDS) == {"number", "category", "text", "date", "leave_out"}
