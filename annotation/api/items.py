"""Items and answers to browse, filter and search."""

from datetime import datetime
from math import isfinite
from typing import Annotated, Any, cast
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import item_for, project_for
from annotation.api import labelling
from annotation.api.endpoint import Endpoint
from annotation.api.labelling import SUGGESTION_SCORE
from annotation.api.pagination import CursorPagination, PageIn, filters_in_query
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import ABSENT, Absent, Doc, as_plain_data, response_object
from annotation.api.response_serializers import page_serializer_of, serializer_of
from annotation.errors import Forbidden
from annotation.models import Annotation, Item, Mark, Outcome, Split, User
from annotation.projects import item_filters
from annotation.projects.item_filters import AnnotationFilter, ItemFilter, ItemVisibility


class NumberField(serializers.FloatField):
    """A number that a number can be compared with."""

    def to_internal_value(self, data: object) -> float:
        number = super().to_internal_value(cast(str, data))
        if not isfinite(number):
            self.fail("invalid")
        return number


class ItemFilterIn(RequestSerializer):
    split = serializers.ChoiceField(choices=Split.values, required=False)
    status = serializers.ChoiceField(choices=item_filters.STATUSES, required=False)
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=120, help_text="Items with this answer."
    )
    least = NumberField(required=False, help_text="Items whose answer is this number or a higher one.")
    most = NumberField(required=False, help_text="Items whose answer is this number or a lower one.")
    annotator = serializers.CharField(required=False, max_length=150, help_text="Items that this user answered.")
    external_id = serializers.CharField(required=False, max_length=200, help_text="Exactly this id.")
    text = serializers.CharField(required=False, max_length=200, help_text="Items that contain this, in any case.")


class AnnotationFilterIn(RequestSerializer):
    outcome = serializers.ChoiceField(choices=Outcome.values, required=False)
    user = serializers.CharField(required=False, max_length=150)
    since = serializers.DateTimeField(required=False, help_text="Given at this time or later.")
    history = serializers.BooleanField(
        required=False, default=False, help_text="Also answers that were taken back or superseded."
    )


@response_object
class AnnotationOut:
    """One answer with its provenance: who, when, why this item, by which round, with which probability."""

    uuid: UUID
    item: int
    user: str
    outcome: Annotated[str, Doc(choices=tuple(Outcome.values))]
    value: Any | None
    duration_seconds: Annotated[float | None, Doc("How long the item was on the screen.", deprecated_name="seconds")]
    active_seconds: Annotated[float | None, Doc("Of these, those in which the person did something.")]
    comment: str
    mark: Annotated[
        str | None,
        Doc(
            "late: others had the item when it came; unassigned: from before assignments were signed.",
            choices=tuple(Mark.values),
        ),
    ]
    live: Annotated[bool, Doc("Stands now: neither taken back nor superseded.")]
    reason: str
    round: int | None
    score: float | None
    probability: Annotated[float | None, Doc("Chance of this choice when it was drawn.")]
    suggestion: Any | None
    suggestion_score: Annotated[float | None, SUGGESTION_SCORE]
    suggestion_shown: bool
    suggestion_changed: bool | None
    change: Annotated[int | None, Doc("The change of a label that made this answer of one.")]
    created_at: datetime


@response_object
class ItemWithAnswers:
    id: int
    position: int
    external_id: Annotated[str, Doc("Without folders for those who are not leads: they may be the hidden label.")]
    content: Any
    meta: Any
    export_only: Annotated[
        Any | Absent, Doc("Columns that only exports have; for leads.", deprecated_name="hidden")
    ] = ABSENT
    split: Annotated[str | Absent, Doc("For reviewers and leads.", choices=tuple(Split.values))] = ABSENT
    answers: Annotated[int, Doc("How many people's answers stand.")]
    annotations: Annotated[
        list[AnnotationOut], Doc("Those that the caller may see: reviewers and leads all, annotators their own.")
    ]


def annotation_out(row: Annotation, viewer: ItemVisibility) -> AnnotationOut:
    shown = item_filters.shows_suggestion(row, viewer)
    return AnnotationOut(
        uuid=row.uuid,
        item=row.item_id,
        user=row.user.username,
        outcome=row.outcome,
        value=row.value,
        duration_seconds=row.duration_seconds,
        active_seconds=row.active_seconds,
        comment=row.comment,
        mark=row.mark,
        live=row.live,
        reason=item_filters.shown_reason_of(row, viewer),
        round=row.round,
        score=row.score,
        probability=row.probability,
        suggestion=row.suggestion if shown else None,
        suggestion_score=row.suggestion_score if shown else None,
        suggestion_shown=row.suggestion_shown,
        suggestion_changed=row.suggestion_changed if shown else None,
        change=row.change_id,
        created_at=row.created_at,
    )


def item_out(item: Item, annotations: list[Annotation], viewer: ItemVisibility) -> ItemWithAnswers:
    """Return an item with its answers; the columns that only exports have, for leads only."""
    return ItemWithAnswers(
        id=item.pk,
        position=item.position,
        external_id=viewer.id_of(item),
        content=item.content,
        meta=item.meta,
        export_only=item.export_only if viewer.sees_hidden else ABSENT,
        split=item.split if viewer.sees_all else ABSENT,
        answers=item.answers,
        annotations=[annotation_out(annotation, viewer) for annotation in annotations],
    )


class ItemsIn(ItemFilterIn, PageIn):
    """The query string of the list of items."""


class AnnotationsIn(AnnotationFilterIn, PageIn):
    """The query string of the list of answers."""


class Items(Endpoint):
    queries = {"GET": ItemsIn}
    pagination_class = CursorPagination

    @extend_schema(operation_id="items_list", responses=serializer_of(ItemWithAnswers)(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Items in their order, each with the answers that stand."""
        user = cast(User, request.user)
        viewer = ItemVisibility.for_user(user, project_for(user, pk, "annotate"))
        pages = CursorPagination("position")
        asked = filters_in_query(self.query)
        if asked.get("split") and not viewer.sees_all:
            raise Forbidden(_("Which items are the test sample is for reviewers and leads."))
        found = item_filters.prefetch_seen_answers(ItemFilter(**asked).items(viewer), viewer)
        rows: list[Any] = pages.page_of(found, request)
        return pages.get_paginated_response(as_plain_data([item_out(row, row.seen, viewer) for row in rows]))


class ItemDetail(Endpoint):
    @extend_schema(operation_id="items_retrieve", responses=serializer_of(ItemWithAnswers))
    def get(self, request: Request, pk: int, item: int) -> Response:
        """One item with everything that was said about it, newest first, taken back or not."""
        user = cast(User, request.user)
        row = item_for(user, pk, item)
        viewer = ItemVisibility.for_user(user, row.project)
        return Response(as_plain_data(item_out(row, list(item_filters.annotation_history_of(row, viewer)), viewer)))


class AnnotationList(labelling.Annotations):
    """Answers: list them here, give them by the annotator's call at the same address."""

    queries = {"GET": AnnotationsIn}

    @extend_schema(
        operation_id="annotations_list",
        responses=page_serializer_of(AnnotationOut),
    )
    def get(self, request: Request, pk: int) -> Response:
        """Answers in the order in which they came: all for reviewers and leads, one's own for annotators."""
        user = cast(User, request.user)
        viewer = ItemVisibility.for_user(user, project_for(user, pk, "annotate"))
        pages = CursorPagination()
        rows = pages.page_of(AnnotationFilter(**filters_in_query(self.query)).annotations(viewer), request)
        return pages.get_paginated_response(as_plain_data([annotation_out(row, viewer) for row in rows]))
