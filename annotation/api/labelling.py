"""The annotator's three calls: next items, answers, undo."""

from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.access import annotation_for, project_for
from annotation.errors import InvalidRequest
from annotation.models import Annotation, Assignment, Outcome, User
from annotation.queue import answering, leasing, undoing
from annotation.queue.suggestion_policy import SuggestionPolicy

MOST_ANSWERS = 500  # in one call


class NextIn(serializers.Serializer[Any]):
    n = serializers.IntegerField(min_value=1, max_value=leasing.MAX_LEASED_ITEMS, default=1)
    grids = serializers.BooleanField(
        default=False, help_text="New ones for grids: those together of which the model says the same."
    )


class ItemOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    content = serializers.JSONField()
    meta = serializers.JSONField()


class LikelyOut(serializers.Serializer[Any]):
    """One of the labels that the model finds most likely."""

    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.FloatField()


class AssignmentOut(serializers.Serializer[Any]):
    assignment = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    reason = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    round = serializers.IntegerField(allow_null=True)
    suggestion = serializers.JSONField(allow_null=True)
    suggestion_score = serializers.FloatField(
        allow_null=True,
        help_text="How probable the model finds it; of a number, half of the width of the interval of 90 %.",
    )
    together = serializers.BooleanField(
        help_text="Whether it may be shown in a grid, with others that have the same suggestion."
    )
    likely = LikelyOut(many=True, allow_null=True)
    item = ItemOut()


class AnswerIn(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    item = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=[Outcome.LABEL, Outcome.SKIP, Outcome.FLAG])
    value = serializers.JSONField(required=False, allow_null=True)
    seconds = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=86400)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    suggestion_shown = serializers.BooleanField(required=False, default=False)


# Made once, because making the fields costs more than checking what comes: they keep nothing of a call.
_next_in, _answer_in, _answers_in = NextIn(), AnswerIn(), AnswerIn(many=True)


class AnswerOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    item = serializers.IntegerField()
    outcome = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    created_at = serializers.DateTimeField()


def assignment_out(row: Assignment, policy: SuggestionPolicy) -> dict[str, Any]:
    """The plain form of an assignment; the suggestion only where the project lets annotators see it.

    Written by hand because it runs for every item handed out: a serializer costs ten times as much.
    """
    return {
        "assignment": row.pk,
        "expires_at": row.expires_at,
        "score": row.score,
        "together": policy.is_groupable(row),
        **shown_out(row, policy),
    }


def shown_out(row: Assignment | Annotation, policy: SuggestionPolicy) -> dict[str, Any]:
    """What a person may see of an item and why it was chosen."""
    visible = policy.is_shown(row)
    return {
        "reason": row.reason,
        "round": row.round,
        "suggestion": row.suggestion if visible else None,
        "suggestion_score": row.suggestion_score if visible else None,
        "likely": row.label_scores if visible and policy.mode == "shown" else None,  # an order tells before the answer
        "item": {
            "id": row.item_id,
            "external_id": row.item.external_id,
            "content": row.item.content,
            "meta": row.item.meta,
        },
    }


def answer_out(row: Annotation) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid),
        "item": row.item_id,
        "outcome": row.outcome,
        "value": row.value,
        "created_at": row.created_at,
    }


def _answer(data: dict[str, Any]) -> answering.Answer:
    return answering.Answer(
        uuid=data["uuid"],
        item=data["item"],
        outcome=data["outcome"],
        value=data.get("value"),
        duration_seconds=data.get("seconds"),
        comment=data.get("comment", ""),
        suggestion_shown=data["suggestion_shown"],
    )


class Next(APIView):
    @extend_schema(request=NextIn, responses=AssignmentOut(many=True))
    def post(self, request: Request, pk: int) -> Response:
        """Lease up to n items to the caller, best first; what the caller holds already comes first."""
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        asked = _next_in.run_validation(request.data)
        rows = leasing.lease(project, user, asked["n"], for_grids=asked["grids"])
        policy = SuggestionPolicy.of(project)
        return Response([assignment_out(row, policy) for row in rows])


class Annotations(APIView):
    @extend_schema(
        request=AnswerIn(many=True),
        responses={
            201: AnswerOut(many=True),
            200: OpenApiResponse(AnswerOut(many=True), description="All of these were stored before; nothing changed."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Store one answer or a list of them: all or none. The same uuid again changes nothing."""
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        many = isinstance(request.data, list)
        if many and not 0 < len(request.data) <= MOST_ANSWERS:
            raise InvalidRequest(_("Send from 1 to %(most)d answers in one call.") % {"most": MOST_ANSWERS})
        given = _answers_in.run_validation(request.data) if many else [_answer_in.run_validation(request.data)]
        answers = [_answer(data) for data in given]
        result = answering.submit(project, user, answers)
        rows = {row.uuid: answer_out(row) for row in [*result.created, *result.repeated]}
        body: Any = [rows[answer.uuid] for answer in answers]
        code = status.HTTP_201_CREATED if result.created else status.HTTP_200_OK
        return Response(body if many else body[0], status=code)


class Undo(APIView):
    @extend_schema(request=None, responses=AssignmentOut)
    def post(self, request: Request, uuid: UUID) -> Response:
        """Take an answer back; the item is the caller's again. A second time changes nothing."""
        user = cast(User, request.user)
        annotation = annotation_for(user, uuid)
        assignment = undoing.undo(annotation, user)
        if assignment is None:
            return Response({"assignment": None, "item": {"id": annotation.item_id}})
        return Response(assignment_out(assignment, SuggestionPolicy.of(assignment.project)))
