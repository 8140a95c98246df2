"""Items and answers to browse, filter and search."""

from math import isfinite
from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.access import item_for, project_for
from annotation.api import labelling
from annotation.api.pagination import CursorPagination
from annotation.models import Annotation, Item, Outcome, Split, User
from annotation.projects import item_filters
from annotation.projects.item_filters import AnnotationFilter, ItemFilter, Viewer


class NumberField(serializers.FloatField):
    """A number that a number can be compared with."""

    def to_internal_value(self, data: Any) -> float:
        number = super().to_internal_value(data)
        if not isfinite(number):
            self.fail("invalid")
        return number


class ItemFilterIn(serializers.Serializer[Any]):
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    status = serializers.ChoiceField(choices=item_filters.STATUSES, required=False)
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=120, help_text="Items with this answer."
    )
    least = NumberField(required=False, help_text="Items whose answer is this number or a higher one.")
    most = NumberField(required=False, help_text="Items whose answer is this number or a lower one.")
    annotator = serializers.CharField(required=False, max_length=150, help_text="Items that this user answered.")
    external_id = serializers.CharField(required=False, max_length=200, help_text="Exactly this id.")
    text = serializers.CharField(required=False, max_length=200, help_text="Items that contain this, in any case.")


class AnnotationFilterIn(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)
    user = serializers.CharField(required=False, max_length=150)
    since = serializers.DateTimeField(required=False, help_text="Given at this time or later.")
    history = serializers.BooleanField(
        required=False, default=False, help_text="Also answers that were taken back or superseded."
    )


class AnnotationOut(serializers.Serializer[Any]):
    """One answer with its provenance: who, when, why this item, by which round, with which probability."""

    uuid = serializers.UUIDField()
    item = serializers.IntegerField()
    user = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    value = serializers.JSONField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    comment = serializers.CharField()
    live = serializers.BooleanField(help_text="Stands now: neither taken back nor superseded.")
    reason = serializers.CharField()
    round = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    probability = serializers.FloatField(allow_null=True, help_text="Chance of this choice when it was drawn.")
    suggestion = serializers.JSONField(allow_null=True)
    suggestion_score = serializers.FloatField(
        allow_null=True,
        help_text="How probable the model finds it; of a number, half of the width of the interval of 90 %.",
    )
    suggestion_shown = serializers.BooleanField()
    suggestion_changed = serializers.BooleanField(allow_null=True)
    change = serializers.IntegerField(allow_null=True, help_text="The change of a label that made this answer of one.")
    created_at = serializers.DateTimeField()


class AnnotationPage(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AnnotationOut(many=True)


class ItemWithAnswers(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    external_id = serializers.CharField()
    content = serializers.JSONField()
    meta = serializers.JSONField()
    hidden = serializers.JSONField(required=False, help_text="For leads only.")
    split = serializers.ChoiceField(choices=Split.choices)
    answers = serializers.IntegerField(help_text="How many people's answers stand.")
    annotations = AnnotationOut(
        many=True, help_text="Those that the caller may see: reviewers and leads all, annotators their own."
    )


CURSOR = [OpenApiParameter("cursor", str), OpenApiParameter("page_size", int)]


def annotation_out(row: Annotation, viewer: Viewer) -> dict[str, Any]:
    shown = item_filters.shows_suggestion(row, viewer)
    return {
        "uuid": str(row.uuid),
        "item": row.item_id,
        "user": row.user.username,
        "outcome": row.outcome,
        "value": row.value,
        "seconds": row.duration_seconds,
        "comment": row.comment,
        "live": row.live,
        "reason": row.reason,
        "round": row.round,
        "score": row.score,
        "probability": row.probability,
        "suggestion": row.suggestion if shown else None,
        "suggestion_score": row.suggestion_score if shown else None,
        "suggestion_shown": row.suggestion_shown,
        "suggestion_changed": row.suggestion_changed if shown else None,
        "change": row.change_id,
        "created_at": row.created_at,
    }


def item_out(item: Item, annotations: list[Annotation], viewer: Viewer) -> dict[str, Any]:
    """The plain form of an item; its hidden columns for leads only."""
    row = {
        "id": item.pk,
        "position": item.position,
        "external_id": item.external_id,
        "content": item.content,
        "meta": item.meta,
        "split": item.split,
        "answers": item.answers,
        "annotations": [annotation_out(annotation, viewer) for annotation in annotations],
    }
    return {**row, "hidden": item.export_only} if viewer.sees_hidden else row


class Items(APIView):
    pagination_class = CursorPagination

    @extend_schema(operation_id="items_list", parameters=[ItemFilterIn], responses=ItemWithAnswers(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Items in their order, each with the answers that stand."""
        user = cast(User, request.user)
        viewer = Viewer.of(user, project_for(user, pk, "annotate"))
        given = ItemFilterIn(data=request.query_params)
        given.is_valid(raise_exception=True)
        pages = CursorPagination("position")
        found = item_filters.with_answers(ItemFilter(**given.validated_data).items(viewer), viewer)
        rows: list[Any] = pages.page_of(found, request)
        return pages.get_paginated_response([item_out(row, row.seen, viewer) for row in rows])


class ItemDetail(APIView):
    @extend_schema(operation_id="items_retrieve", responses=ItemWithAnswers)
    def get(self, request: Request, pk: int, item: int) -> Response:
        """One item with everything that was said about it, newest first, taken back or not."""
        user = cast(User, request.user)
        row = item_for(user, pk, item)
        viewer = Viewer.of(user, row.project)
        return Response(item_out(row, list(item_filters.history_of(row, viewer)), viewer))


class Annotations(labelling.Annotations):
    """Answers: list them here, give them by the annotator's call at the same address."""

    @extend_schema(operation_id="annotations_list", parameters=[AnnotationFilterIn, *CURSOR], responses=AnnotationPage)
    def get(self, request: Request, pk: int) -> Response:
        """Answers in the order in which they came: all for reviewers and leads, one's own for annotators."""
        user = cast(User, request.user)
        viewer = Viewer.of(user, project_for(user, pk, "annotate"))
        given = AnnotationFilterIn(data=request.query_params)
        given.is_valid(raise_exception=True)
        pages = CursorPagination()
        rows = pages.page_of(AnnotationFilter(**given.validated_data).annotations(viewer), request)
        return pages.get_paginated_response([annotation_out(row, viewer) for row in rows])
