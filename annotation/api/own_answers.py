"""A person's own answers, newest first: what the list of last answers on the annotate screen shows."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import project_for
from annotation.api.endpoint import Endpoint
from annotation.api.labelling import ShownOut, shown_fields
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.models import Annotation, Outcome, Project, User
from annotation.queue.suggestion_policy import SuggestionPolicy

DEFAULT_OWN_ANSWERS = 10  # as many as stay in sight
MAX_OWN_ANSWERS = 100  # in one call


class OwnAnswersIn(RequestSerializer):
    before = serializers.UUIDField(
        required=False, help_text="Only answers older than this one of the caller's; without it the newest."
    )
    limit = serializers.IntegerField(min_value=1, max_value=MAX_OWN_ANSWERS, default=DEFAULT_OWN_ANSWERS)


@response_object
class OwnAnswerOut:
    """An answer that stands, with its item as the annotate screen shows it."""

    uuid: UUID
    outcome: str
    value: Any | None
    comment: str
    exclusion_reason: str
    created_at: datetime
    row: ShownOut


def own_answers(
    project: Project, user: User, before: UUID | None = None, limit: int = DEFAULT_OWN_ANSWERS
) -> list[OwnAnswerOut]:
    """Return the user's answers that stand, newest first; those older than `before`, where there is such an answer."""
    mine = Annotation.objects.filter(project=project, user=user)
    rows = mine.live().exclude(outcome=Outcome.UNDO)
    if before and (bound := mine.filter(uuid=before).values_list("created_at", "pk").first()):
        created_at, pk = bound
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    policy = SuggestionPolicy.of_project(project)
    newest = rows.select_related("item").order_by("-created_at", "-pk")
    return [_own_answer_out(row, policy) for row in newest[:limit]]


def _own_answer_out(row: Annotation, policy: SuggestionPolicy) -> OwnAnswerOut:
    return OwnAnswerOut(
        uuid=row.uuid,
        outcome=row.outcome,
        value=row.value,
        comment=row.comment,
        exclusion_reason=row.exclusion_reason or "",
        created_at=row.created_at,
        row=ShownOut(**shown_fields(row, policy)),
    )


class OwnAnswers(Endpoint):
    queries = {"GET": OwnAnswersIn}

    @extend_schema(operation_id="own_answers_list", responses=serializer_of(OwnAnswerOut)(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The caller's own answers that stand, newest first, each with its item."""
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        return Response(as_plain_data(own_answers(project, user, **self.query)))
