"""Prepared statements do what the query set they were made from does."""

from datetime import datetime, timedelta

import pytest
from django.db.models import F

from annotation.database.prepared_queries import Prepared, PreparedInsert, PreparedUpdate
from annotation.models import Annotation, Assignment, Item, Label
from annotation.queue.leasing import lease

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_rows_are_those_of_the_query_set(project, annotator, make_items, django_assert_num_queries) -> None:
    make_items(project, 3)
    prepared = Prepared((int, int), lambda item, user: Assignment.objects.filter(item=item, user=user, answered=False))
    for row in lease(project, annotator, 3):
        with django_assert_num_queries(1):
            (found,) = prepared(row.item_id, annotator.pk)
        assert found == row
        assert found.provenance() == row.provenance()
        assert found.expires_at == row.expires_at
    assert prepared(row.item_id, annotator.pk + 1) == []
    assert prepared(10**30, annotator.pk) == []


def test_order_and_constants_stay(project) -> None:
    prepared = Prepared((int,), lambda pk: Label.objects.filter(project=pk).exclude(name="ham").order_by("-name"))
    Label.objects.create(project=project, name="eggs")
    assert [label.name for label in prepared(project.pk)] == ["spam", "eggs"]


def test_a_number_that_is_not_in_the_query_as_it_is_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="Every value"):
        Prepared((int,), lambda pk: Item.objects.filter(pk=pk + 1))(1)


def test_texts_are_values_and_never_sql(project) -> None:
    prepared = Prepared((str,), lambda name: Label.objects.filter(name=name))
    assert prepared.first("ham").name == "ham"
    assert prepared.first("ham' OR '1'='1") is None


def test_a_time_is_compared_as_the_query_set_would(project, annotator, make_items) -> None:
    make_items(project, 2)
    (row, _) = lease(project, annotator, 2)
    after = Prepared((int, datetime), lambda pk, now: Assignment.objects.filter(pk=pk, expires_at__gt=now))
    assert after(row.pk, row.expires_at - timedelta(microseconds=1)) == [row]
    assert after(row.pk, row.expires_at) == []


def test_an_update_changes_the_rows_of_its_query_set(project, make_items, django_assert_num_queries) -> None:
    one, other = make_items(project, 2)
    more = PreparedUpdate((int,), lambda item: Item.objects.filter(pk=item), answers=F("answers") + 2)
    with django_assert_num_queries(2):
        assert (more(one.pk), more(one.pk)) == (1, 1)
    assert list(Item.objects.order_by("position").values_list("answers", flat=True)) == [4, 0]
    assert (more(other.pk + 1), more(10**30)) == (0, 0)


def test_an_insert_stores_what_save_stores(project, annotator, make_items, django_assert_num_queries) -> None:
    first, second = make_items(project, 2)
    insert = PreparedInsert(Annotation)
    told = {"project": project, "user": annotator, "outcome": "label", "value": {"labels": ["\u00fc"]}, "seconds": 1.5}
    ours, saved = (Annotation(item=item, reason="uncertain", probability=0.25, **told) for item in (first, second))
    with django_assert_num_queries(1):
        insert(ours)
    saved.save()
    names = {field.name for field in Annotation._meta.concrete_fields} - {"id", "uuid", "item", "created_at"}
    stored = [
        {name: getattr(row, name) for name in names} for row in Annotation.objects.filter(pk__in=[ours.pk, saved.pk])
    ]
    assert stored[0] == stored[1]
    ours.refresh_from_db()
    assert (ours.item_id, ours.value) == (first.pk, told["value"])
    ours.delete()
