"""What each column of a project's table became for the models."""

from annotation.i18n import translate
from annotation.models import Project
from learner.engine.column_kinds import COLUMN_KIND_TITLES, LEFT_OUT_TITLES, TABLE_FEATURES
from learner.engine.task_profiles import TASK_PROFILES


def table_columns_report(project: Project) -> list[dict[str, str]]:
    """Return {name, kind, title, reason} of each column, as the newest round that had new ones noted; one query."""
    if TASK_PROFILES[project.task_type].content.automatic != TABLE_FEATURES:
        return []
    noted = project.rounds.done().filter(metrics__has_key="columns").order_by("-number")
    columns = noted.values_list("metrics__columns", flat=True).first() or []
    return [
        {
            "name": column["name"],
            "kind": column["kind"],
            "title": translate(COLUMN_KIND_TITLES.get(column["kind"], column["kind"])),
            "reason": translate(LEFT_OUT_TITLES.get(column.get("reason", ""), "")),
        }
        for column in columns
    ]
