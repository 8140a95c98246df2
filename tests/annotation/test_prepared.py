"""Prepared SELECTs give what the query set they were made from gives."""

import pytest

from annotation.models import Assignment, Item, Label
from annotation.prepared import Prepared
from annotation.queue import lease

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
