"""The lead's calls: the numbers of the dashboard, the log of rounds, retrain now."""

from datetime import datetime
from typing import Annotated, cast

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import project_for
from annotation.api.endpoint import Endpoint
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.response_objects import Doc, as_plain_data, from_mapping, response_object
from annotation.api.response_serializers import page_serializer_of, serializer_of
from annotation.models import User
from learner.api.progress_objects import ProgressOut, RoundOut
from learner.models import LearnerState, Round
from learner.reports.progress import current_progress, round_document, training_worker_state
from learner.rounds.scheduling import request_round
from learner.rounds.waking import wake_worker


class ProjectProgress(Endpoint):
    @extend_schema(
        responses={
            200: serializer_of(ProgressOut),
            304: OpenApiResponse(description="Nothing changed since that ETag."),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return all that the dashboard shows. Send the ETag back as If-None-Match: polling is cheap."""
        project = project_for(cast(User, request.user), pk, "review")
        progress = current_progress(project)
        etag = f'W/"{progress.fingerprint}"'
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = Response(as_plain_data(from_mapping(ProgressOut, progress.document)))
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        return response


@response_object
class RoundRequestedOut:
    requested_at: Annotated[datetime | None, Doc(deprecated_name="asked_at")]
    running: Annotated[int | None, Doc("Number of the round that runs now.")]
    worker_alive: bool


class Rounds(Endpoint):
    queries = {"GET": PageIn}
    without_body = frozenset({"POST"})

    @extend_schema(operation_id="rounds_list", responses=page_serializer_of(RoundOut))
    def get(self, request: Request, pk: int) -> Response:
        """List the rounds, newest first."""
        project = project_for(cast(User, request.user), pk, "review")
        rows = Round.objects.filter(project=project).defer(
            "test_predictions",
            "test_detections",
            "control_predictions",
            "control_detections",
            "stop_predictions",
            "leased_positions",
        )
        pages = CursorPagination("-number")
        objects = [from_mapping(RoundOut, round_document(row)) for row in pages.page_of(rows, request)]
        return pages.get_paginated_response(as_plain_data(objects))

    @extend_schema(request=None, responses={202: serializer_of(RoundRequestedOut)})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for a round now, whatever the batch size says. Asking twice before it starts is one round."""
        project = project_for(cast(User, request.user), pk, "lead")
        request_round(project)
        wake_worker(project.pk)
        requested = RoundRequestedOut(
            requested_at=LearnerState.objects.values_list("requested_at", flat=True).get(project=project),
            running=Round.objects.filter(project=project, status="running").values_list("number", flat=True).first(),
            worker_alive=training_worker_state(project)["alive"],
        )
        return Response(as_plain_data(requested), status=status.HTTP_202_ACCEPTED)
