"""What a person's request reads in the database does not grow with other projects: pages read, as PostgreSQL counts."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotation.models import Assignment, Item, Project, QueueEntry, User
from annotation.queue import statements
from tests.scale import scaled

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

OTHER_ITEMS = 20_000
# rows of a project in which everything is answered, made by the database itself
FILL = (
    """INSERT INTO annotation_item (project_id, position, external_id, content, meta, export_only, content_hash, split,
            answers, created_at)
        SELECT %(project)s, n, '', '{"text": "x"}', '{}', '{}', md5('other' || n), 'pool', 1, now()
        FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO annotation_assignment (project_id, item_id, user_id, slot, rank, answered, leased_at, expires_at,
            reason)
        SELECT project_id, id, %(user)s, 0, 0, TRUE, now(), now(), 'random' FROM annotation_item
        WHERE project_id = %(project)s""",
    """INSERT INTO annotation_annotation (uuid, project_id, item_id, user_id, outcome, value, reason, comment,
            suggestion_shown, live, created_at)
        SELECT gen_random_uuid(), project_id, id, %(user)s, 'label', '{"labels": ["ham"]}', 'random', '', FALSE, TRUE,
            now() FROM annotation_item WHERE project_id = %(project)s""",
)


def fill(project: Project, user: User, count: int) -> None:
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {"project": project.pk, "user": user.pk, "count": count})
        cursor.execute("ANALYZE")
    Project.objects.filter(pk=project.pk).update(item_count=count)


def pages_read(sql: str, parameters: Any) -> int:
    """Run a statement; return how many pages it looked at."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture
def queued(project: Project, make_items: Any) -> list[Item]:
    items: list[Item] = make_items(project, 600)
    QueueEntry.objects.bulk_create(
        QueueEntry(project=project, item=item, rank=rank, reason="uncertain") for rank, item in enumerate(items)
    )
    return items


@pytest.fixture
def other(lead: User, stranger: User) -> Project:
    other = Project.objects.create(name="Large", task_type="text_classification", created_by=lead, seed=2)
    fill(other, stranger, scaled(OTHER_ITEMS))
    return other


def test_leasing_looks_at_the_top_of_its_own_queue(
    project: Project, annotator: User, queued: list[Item], other: Project
) -> None:
    now = timezone.now()
    sql = statements._FREE_ENTRIES_SQL + statements._LOCK_FREE_SQL
    assert pages_read(sql, [project.pk, 1, now, annotator.pk, annotator.pk, now, 20]) < 500
    assert pages_read(statements._ACTIVE_LEASES_SQL, [project.pk, annotator.pk]) < 20


def test_it_stops_when_it_has_enough_though_many_at_the_top_are_taken(
    project: Project, annotator: User, lead: User, queued: list[Item], other: Project
) -> None:
    now = timezone.now()
    Assignment.objects.bulk_create(
        Assignment(project=project, item=item, user=lead, answered=True, expires_at=now) for item in queued[:100]
    )
    sql = statements._FREE_ENTRIES_SQL + statements._LOCK_FREE_SQL
    assert pages_read(sql, [project.pk, 1, now, annotator.pk, annotator.pk, now, 20]) < 1500
    entries = statements.free_entries(project.pk, annotator.pk, 1, now, 20)
    assert [entry.item_id for entry in entries] == [item.pk for item in queued[100:120]]


def test_the_start_page_reads_none_of_the_answers_of_projects_that_a_person_is_not_in(
    project: Project, annotator: User, queued: list[Item], other: Project, client: Client
) -> None:
    client.force_login(annotator)
    statements_of_page: list[tuple[str, Any]] = []

    def noted(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        statements_of_page.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(noted):
        assert client.get("/").status_code == 200
    reads = [(sql, parameters) for sql, parameters in statements_of_page if sql.startswith("SELECT")]
    assert len(reads) >= 3
    assert sum(pages_read(sql, parameters) for sql, parameters in reads) < 500
