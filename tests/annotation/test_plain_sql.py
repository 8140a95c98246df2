"""Each statement in plain SQL does what its query set does, on both databases."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends import db
from django.db.models import Model
from django.utils import timezone

from annotation.access import project_for
from annotation.accounts import session_store
from annotation.accounts.api_tokens import create_token
from annotation.api.authentication import TokenOrSession
from annotation.database.plain_sql import Columns, execute_update, fetch_rows, insert_row
from annotation.errors import NotFound
from annotation.models import Annotation, ApiToken, Assignment, Item, Label, Project, QueueEntry, Scope, User
from annotation.queue import statements
from annotation.queue.leasing import lease
from annotation.queue.publishing import Ranked, publish_queue

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOO_LARGE = 10**30  # for any id
SCORES = [{"label": "spam", "score": 0.6}, {"label": "ham", "score": 0.4}]


def values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def same(rows: Sequence[Model], expected: Iterable[Model]) -> bool:
    """Whether the rows are those of a query set, in its order, with the same value of the same type in each column."""

    def typed(some: Iterable[Model]) -> list[Any]:
        return [(row, [(value, type(value)) for value in values(row).values()]) for row in some]

    return bool(rows) and typed(rows) == typed(expected)


@pytest.fixture
def queued(project: Project, annotator: User, make_items: Callable[..., list[Item]]) -> list[Item]:
    """Eight items in the queue, of which the annotator holds three: one answered, one expired."""
    items = make_items(project, 8)
    ranked = [
        Ranked(item.pk, "uncertain", 0.5, 0.25, {"labels": ["spam"]} if item.position % 2 else None, 0.6, SCORES)
        for item in reversed(items)
    ]
    publish_queue(project, ranked, 3)
    first, second, _third = lease(project, annotator, 3)
    Assignment.objects.filter(pk=first.pk).update(answered=True)
    Assignment.objects.filter(pk=second.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    return items


def test_leases(project: Project, annotator: User, queued: list[Item], django_assert_num_queries: Any) -> None:
    mine = Assignment.objects.filter(project=project, user=annotator)
    with django_assert_num_queries(1):
        held = statements.active_leases(project.pk, annotator.pk)
        assert [row.item.content["text"] for row in held]
    expected = list(mine.filter(answered=False).select_related("item").order_by("leased_at", "rank", "pk"))
    assert len(held) == 2
    assert same(held, expected)
    assert same([row.item for row in held], [row.item for row in expected])
    for row in mine:
        assert same(statements.lease_of_item(project.pk, annotator.pk, row.item_id), [row])
    assert statements.lease_of_item(project.pk, annotator.pk + 1, row.item_id) == []
    assert statements.lease_of_item(project.pk, annotator.pk, TOO_LARGE) == []


@pytest.mark.parametrize("overlap", [1, 2])
def test_free_entries(project: Project, annotator: User, lead: User, queued: list[Item], overlap: int) -> None:
    Item.objects.filter(pk=queued[0].pk).update(answers=1)
    Annotation.objects.create(project=project, item=queued[1], user=annotator, outcome="label", reason="random")
    moments = [timezone.now(), *Assignment.objects.values_list("expires_at", flat=True)]
    for now in [*moments, max(moments) - timedelta(microseconds=1)]:
        for user in (annotator, lead):
            expected = QueueEntry.objects.filter(project=project).free_for(user.pk, overlap, now)
            assert same(list(statements.free_entries(project.pk, user.pk, overlap, now, limit=100)), list(expected))
            assert same(list(statements.free_entries(project.pk, user.pk, overlap, now, limit=2)), list(expected[:2]))


def test_open_labels(project: Project) -> None:
    Label.objects.create(project=project, name="first", order=0)
    Label.objects.create(project=project, name="gone", order=1, retired_at=timezone.now())
    expected = Label.objects.filter(project=project, retired_at=None).values_list("name", flat=True)
    assert statements.usable_label_names(project.pk) == list(expected)
    assert len(expected) == 3


def test_counting_an_answer_and_closing_a_lease(project: Project, annotator: User, queued: list[Item]) -> None:
    held = Assignment.objects.filter(user=annotator, answered=False).order_by("pk").first()
    statements.increment_answer_count(held.item_id)
    statements.close_lease(annotator.pk, held.item_id)
    assert list(Item.objects.filter(answers=1).values_list("pk", flat=True)) == [held.item_id]
    assert Assignment.objects.get(pk=held.pk).answered
    assert Assignment.objects.filter(user=annotator, answered=False).count() == 1
    statements.increment_answer_count(TOO_LARGE)
    assert Item.objects.filter(answers=1).count() == 1


def test_the_project_of_a_member_and_of_an_admin(project: Project, annotator: User, admin: User) -> None:
    project.settings, project.paused_at = {"overlap": 2}, timezone.now()
    project.save()
    for user in (annotator, admin):
        assert same([project_for(user, project.pk, "annotate")], [Project.objects.get(pk=project.pk)])
        with pytest.raises(NotFound):
            project_for(user, TOO_LARGE, "annotate")


def test_the_user_of_a_token(annotator: User) -> None:
    made, key = create_token(annotator, "script", Scope.READ, timezone.now() + timedelta(days=1))
    user, token = TokenOrSession().authenticate_credentials(key)
    assert same([user], [User.objects.get(pk=annotator.pk)])
    token.last_used_at = ApiToken.objects.get(pk=made.pk).last_used_at  # written meanwhile
    assert same([token], [ApiToken.objects.get(pk=made.pk)])


@pytest.mark.parametrize("seconds", [60, 0, -60])
def test_a_session_is_that_of_django(seconds: int, django_assert_num_queries: Any) -> None:
    theirs = db.SessionStore()
    theirs["seen"] = 7
    theirs.set_expiry(timezone.now() + timedelta(seconds=seconds))
    theirs.create()
    ours, again = session_store.SessionStore(theirs.session_key), db.SessionStore(theirs.session_key)
    with django_assert_num_queries(1 if seconds > 0 else 2):
        found = ours.load()
    assert found == again.load()
    assert ours.session_key == again.session_key
    assert ("seen" in found) == (seconds > 0)
    assert session_store.SessionStore("no such key").load() == {}


def test_texts_are_values_and_never_sql(project: Project) -> None:
    label = Columns(Label, "label")
    sql = f"SELECT {label.sql} FROM annotation_label AS label WHERE label.name = %s"
    assert [label.make_row(row).name for row in fetch_rows(sql, ["ham"])] == ["ham"]
    assert fetch_rows(sql, ["ham' OR '1'='1"]) == []
    assert execute_update("UPDATE annotation_label SET key = '9' WHERE name = %s", ["ham"]) == 1


def test_an_insert_stores_what_save_stores(
    project: Project, annotator: User, make_items: Callable[..., list[Item]], django_assert_num_queries: Any
) -> None:
    first, second = make_items(project, 2)
    told = {
        "project": project,
        "user": annotator,
        "outcome": "label",
        "value": {"labels": ["\u00fc"]},
        "duration_seconds": 1.5,
    }
    ours, saved = (Annotation(item=item, reason="uncertain", probability=0.25, **told) for item in (first, second))
    with django_assert_num_queries(1):
        insert_row(ours)
    saved.save()
    stored = [values(row) for row in Annotation.objects.order_by("pk")]
    assert [row["id"] for row in stored] == [ours.pk, saved.pk]
    for name in set(stored[0]) - {"id", "uuid", "item_id", "created_at"}:
        assert stored[0][name] == stored[1][name]
    # equal as the database compares them, too
    assert Annotation.objects.filter(value=told["value"]).count() == 2
    ours.refresh_from_db()
    assert (ours.item_id, ours.value) == (first.pk, told["value"])
    ours.delete()
