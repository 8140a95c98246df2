"""What a look for due rounds asks the database, in plain SQL: one follows every batch of answers and every sweep."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from annotation.database.bulk_insert import to_database_value
from annotation.database.plain_sql import Columns, fetch_rows
from annotation.models import Project
from annotation.models.jobs import oldest_live_heartbeat
from learner.models import LearnerState, Round

_PROJECT = Columns(Project, "project")
# Projects in which nothing is under way that a round would have to wait for, and what there is to learn from.
_CANDIDATES_SQL = f"""
    WITH candidate AS (
        SELECT {_PROJECT.sql}, state.requested_at,
        COALESCE((SELECT done.items FROM learner_round AS done WHERE done.project_id = project.id
            AND done.status = 'done' ORDER BY done.number DESC LIMIT 1), 0) AS known_items,
        COALESCE((SELECT done.answers_upto FROM learner_round AS done WHERE done.project_id = project.id
            AND done.status = 'done' ORDER BY done.number DESC LIMIT 1), 0) AS answers_upto
        FROM annotation_project AS project
        LEFT JOIN learner_learnerstate AS state ON state.project_id = project.id
        WHERE project.item_count > 0 AND (state.retry_at IS NULL OR state.retry_at <= %s)
        AND NOT EXISTS (
            SELECT 1 FROM learner_round AS running WHERE running.project_id = project.id
            AND running.status = 'running' AND (running.sharded OR running.heartbeat_at >= %s)
        )
        AND NOT EXISTS (
            SELECT 1 FROM annotation_import AS importing WHERE importing.project_id = project.id
            AND importing.status IN ('queued', 'running')
        )
        AND NOT EXISTS (
            SELECT 1 FROM annotation_labelchange AS relabelling WHERE relabelling.project_id = project.id
            AND relabelling.status IN ('queued', 'running')
        )
    ), counted AS (
        SELECT candidate.*, (
            SELECT COUNT(*) FROM annotation_annotation AS answer WHERE answer.project_id = candidate.id
            AND answer.id > candidate.answers_upto AND answer.live AND answer.outcome = 'label'
        ) AS new_answers
        FROM candidate
    )
    SELECT * FROM counted
"""  # noqa: S608
_WITH_NEWS_SQL = "WHERE requested_at IS NOT NULL OR item_count > known_items OR new_answers > 0 ORDER BY name, id"


@dataclass(frozen=True)
class ProjectNews:
    """A project in which a round could run, and what came since the last one."""

    project: Project
    is_requested: bool  # whether a person asked for a round
    known_items: int  # that the last round ranked
    new_answers: int


def projects_with_news() -> Iterator[ProjectNews]:
    """Yield the projects that have something new, by name."""
    return map(_read_news, fetch_rows(f"{_CANDIDATES_SQL} {_WITH_NEWS_SQL}", _moments()))


def project_to_check(project_pk: int) -> ProjectNews | None:
    """Return the news of a project; None where a round would have to wait for something under way."""
    rows = fetch_rows(f"{_CANDIDATES_SQL} WHERE id = %s", [*_moments(), project_pk])
    return _read_news(rows[0]) if rows else None


def _moments() -> list[Any]:
    """Return now, and the time before which a heartbeat is too old, as the database has them."""
    return [
        to_database_value(LearnerState, "retry_at", timezone.now()),
        to_database_value(Round, "heartbeat_at", oldest_live_heartbeat()),
    ]


def _read_news(row: tuple[Any, ...]) -> ProjectNews:
    requested_at, known_items, _answers_upto, new_answers = row[_PROJECT.count :]
    return ProjectNews(_PROJECT.make_row(row[: _PROJECT.count]), requested_at is not None, known_items, new_answers)
