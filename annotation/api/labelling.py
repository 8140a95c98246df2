"""The annotator's three calls: next items, answers, undo."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import own_annotation_for, project_for
from annotation.api.deprecation import DeprecatedName
from annotation.api.endpoint import Endpoint
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR, FORBIDDEN
from annotation.errors import InvalidRequest
from annotation.models import Annotation, Assignment, Outcome, User
from annotation.project_settings.goal import MAX_REASON_CHARACTERS
from annotation.queue import answering, leasing, undoing
from annotation.queue.assignment_proof import shown_reason, sign_assignment
from annotation.queue.suggestion_policy import SuggestionPolicy
from annotation.row_numbers import MAX_ROW_NUMBER

MAX_ANSWERS_PER_CALL = 500  # in one call
MAX_ANSWERS_BYTES = 10 * 1024 * 1024  # of one call
MAX_SECONDS = 86_400  # of one answer
MAX_PROOF_CHARACTERS = 1000  # some 150 in fact


class NextIn(RequestSerializer):
    limit = serializers.IntegerField(min_value=1, max_value=leasing.MAX_LEASED_ITEMS, default=1)
    grids = serializers.BooleanField(
        default=False, help_text="New ones for grids: those together of which the model says the same."
    )
    skipped = serializers.BooleanField(default=False, help_text="Also what the caller skipped, after everything else.")
    deprecated_names = {"n": DeprecatedName("limit")}


class AnswerIn(RequestSerializer):
    uuid = serializers.UUIDField()
    item = serializers.IntegerField(min_value=0, max_value=MAX_ROW_NUMBER)
    outcome = serializers.ChoiceField(choices=[Outcome.LABEL, Outcome.SKIP, Outcome.FLAG])
    value = serializers.JSONField(required=False, allow_null=True)
    duration_seconds = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MAX_SECONDS,
        help_text="How long the item was on the screen.",
    )
    active_seconds = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MAX_SECONDS,
        help_text="Of these, those in which the person did something: pace and time budget count them. "
        "Left out: all of them. At most the length of a lease is counted.",
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    exclusion_reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_REASON_CHARACTERS,
        help_text="Where all items of a label are to be found, beside another label: one of the project's "
        "`exclusion_reasons`.",
    )
    suggestion_shown = serializers.BooleanField(required=False, default=False)
    assignment = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_PROOF_CHARACTERS,
        help_text="The proof that came with the item: with it the answer is taken however late it is.",
    )
    replaces = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The caller's own answer about the item that this one is to replace.",
    )
    deprecated_names = {"seconds": DeprecatedName("duration_seconds")}  # an older page's outbox has it, too


# Made once, because making the fields costs more than checking what comes: they keep nothing of a call.
_next_in, _answer_in, _answers_in = NextIn(), AnswerIn(), AnswerIn(many=True)


@response_object
class ItemOut:
    id: int
    external_id: Annotated[str, Doc("Of an image its file's name, without the folders.")]
    content: Any
    meta: Any


@response_object
class LabelScoreOut:
    """One of the labels that the model finds most likely."""

    label: str
    score: float


SUGGESTION_SCORE = Doc("How probable the model finds it; of a number, half of the width of the interval of 90 %.")


@response_object
class ShownOut:
    """What a person may see of an item and why it was chosen."""

    reason: Annotated[str, Doc("Why this item; the test sample looks like any random one.")]
    round: int | None
    suggestion: Any | None
    suggestion_score: Annotated[float | None, SUGGESTION_SCORE]
    label_scores: Annotated[list[LabelScoreOut] | None, Doc(deprecated_name="likely")]
    item: ItemOut


@response_object
class AssignmentOut(ShownOut):
    """An item that is the caller's until the lease ends."""

    assignment: Annotated[str, Doc("Proof that the item was assigned to the caller: send it with the answer.")]
    expires_at: datetime
    score: float | None
    together: Annotated[bool, Doc("Whether it may be shown in a grid, with others that have the same suggestion.")]


@response_object
class ItemNumberOut:
    id: int


@response_object
class UndoneOut:
    """The answer is undone, and the item is not the caller's again: others have answered it, or it is paused."""

    assignment: None
    item: ItemNumberOut


@response_object
class AnswerOut:
    uuid: UUID
    item: int
    outcome: str
    value: Any | None
    created_at: datetime


def shown_fields(row: Assignment | Annotation, policy: SuggestionPolicy) -> dict[str, Any]:
    """Return the fields of ShownOut; the suggestion only where the project lets annotators see it."""
    visible = policy.is_shown(row)
    ranked = row.label_scores if visible and policy.mode == "shown" else None  # an order tells before the answer
    item = row.item
    return {
        "reason": shown_reason(row.reason),
        "round": row.round,
        "suggestion": row.suggestion if visible else None,
        "suggestion_score": row.suggestion_score if visible else None,
        "label_scores": None if ranked is None else [LabelScoreOut(**one) for one in ranked],
        "item": ItemOut(id=item.pk, external_id=item.public_id, content=item.content, meta=item.meta),
    }


def assignment_out(row: Assignment, policy: SuggestionPolicy) -> AssignmentOut:
    return AssignmentOut(
        assignment=sign_assignment(row),
        expires_at=row.expires_at,
        score=row.score,
        together=policy.is_groupable(row),
        **shown_fields(row, policy),
    )


def answer_out(row: Annotation) -> AnswerOut:
    return AnswerOut(uuid=row.uuid, item=row.item_id, outcome=row.outcome, value=row.value, created_at=row.created_at)


def _read_answer(data: dict[str, Any]) -> answering.Answer:
    return answering.Answer(
        uuid=data["uuid"],
        item=data["item"],
        outcome=data["outcome"],
        value=data.get("value"),
        duration_seconds=data.get("duration_seconds"),
        active_seconds=data.get("active_seconds"),
        comment=data.get("comment", ""),
        exclusion_reason=data.get("exclusion_reason", ""),
        suggestion_shown=data["suggestion_shown"],
        assignment=data.get("assignment", ""),
        replaces=data.get("replaces"),
    )


class Next(Endpoint):
    @extend_schema(request=NextIn, responses=serializer_of(AssignmentOut)(many=True))
    def post(self, request: Request, pk: int) -> Response:
        """Lease up to `limit` items to the caller, best first; what the caller holds already comes first."""
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        asked = _next_in.run_validation(request.data)
        rows = leasing.lease(project, user, asked["limit"], for_grids=asked["grids"], skipped=asked["skipped"])
        policy = SuggestionPolicy.of_project(project)
        return Response(as_plain_data([assignment_out(row, policy) for row in rows]))


ONE_OR_SEVERAL = PolymorphicProxySerializer(
    "AnswerOrAnswersOut", [serializer_of(AnswerOut), serializer_of(AnswerOut)(many=True)], None, many=False
)


class Annotations(Endpoint):
    max_body_bytes = MAX_ANSWERS_BYTES

    @extend_schema(
        request=PolymorphicProxySerializer("AnswerOrAnswersIn", [AnswerIn, AnswerIn(many=True)], None, many=False),
        responses={
            201: OpenApiResponse(ONE_OR_SEVERAL, description="An object for an object, a list for a list."),
            200: OpenApiResponse(ONE_OR_SEVERAL, description="All of these were stored before; nothing changed."),
            403: OpenApiResponse(ERROR, description=f"{FORBIDDEN} Or an item was never the caller's (`not_assigned`)."),
            409: OpenApiResponse(
                ERROR,
                description="An answer with this uuid is somebody else's. Or the caller has answered the item "
                "(`already_answered`): `details.answer` is that answer, to be named in `replaces`.",
            ),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Store one answer or a list of them: all or none. The same uuid again changes nothing.

        The items are those that `next/` assigned to the caller, now or before. Reviewers and leads may also answer
        items of the pool that they found otherwise.
        """
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        many = isinstance(request.data, list)
        if many and not 0 < len(request.data) <= MAX_ANSWERS_PER_CALL:
            raise InvalidRequest(_("Send from 1 to %(most)d answers in one call.") % {"most": MAX_ANSWERS_PER_CALL})
        given = _answers_in.run_validation(request.data) if many else [_answer_in.run_validation(request.data)]
        answers = [_read_answer(data) for data in given]
        result = answering.submit_answers(project, user, answers)
        rows = {row.uuid: answer_out(row) for row in [*result.created, *result.repeated]}
        body = [rows[answer.uuid] for answer in answers]
        code = status.HTTP_201_CREATED if result.created else status.HTTP_200_OK
        return Response(as_plain_data(body if many else body[0]), status=code)


class Undo(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(
        request=None,
        responses={
            200: PolymorphicProxySerializer(
                "UndoOut", [serializer_of(AssignmentOut), serializer_of(UndoneOut)], None, many=False
            ),
            409: OpenApiResponse(ERROR, description="A later answer stands in its place: undo that one."),
        },
    )
    def post(self, request: Request, uuid: UUID) -> Response:
        """Take an answer back; the item is the caller's again. A second time changes nothing."""
        user = cast(User, request.user)
        annotation = own_annotation_for(user, uuid)
        assignment = undoing.undo_answer(annotation, user)
        if assignment is None:
            return Response(as_plain_data(UndoneOut(assignment=None, item=ItemNumberOut(id=annotation.item_id))))
        return Response(as_plain_data(assignment_out(assignment, SuggestionPolicy.of_project(assignment.project))))
