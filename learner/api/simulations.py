"""Simulations over the API: start one, see how far it is, take its figures, its plot and its points. For leads."""

from typing import Any, cast

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import jobs
from annotation.access import project_for
from annotation.api.pagination import CursorPagination
from annotation.api.runs import RunOut, run_out
from annotation.errors import Conflict, InvalidRequest, NotFound
from annotation.models import RunStatus, User
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Simulation
from learner.simulations import requests

METRICS = sorted({key for learner in TASK_PROFILES.values() for key in learner.shares})
LARGE = ("trials", "plot", "points")  # columns that are read only where they are wanted


class SimulationIn(serializers.Serializer[Any]):
    strategies = serializers.ListField(
        child=serializers.CharField(), help_text="Of those that a project may be set to."
    )
    learners = serializers.ListField(child=serializers.ChoiceField(choices=list(requests.learner_titles())))
    budget = serializers.IntegerField(default=200, help_text="Training labels of each replay.")
    seeds = serializers.IntegerField(default=5, help_text="Repetitions.")
    batch = serializers.IntegerField(required=False, help_text="Labels between two turns; without: the project's.")
    metric = serializers.ChoiceField(choices=METRICS, required=False, help_text="Without: the task type's first.")
    target = serializers.CharField(default="", allow_blank=True, help_text="Search for the items with that label.")


class SimulationOut(RunOut):
    options = serializers.JSONField()
    moment = serializers.JSONField(help_text="What it rests on: answers, features, sizes of the pool and the judge.")
    plot_url = serializers.CharField(allow_null=True)
    points_url = serializers.CharField(allow_null=True)


class SimulationFullOut(SimulationOut):
    comparison = serializers.JSONField(allow_null=True, help_text="The figures, once it is done.")


class SimulationPage(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SimulationOut(many=True)


def simulation_out(run: Simulation, worker_running: bool) -> dict[str, Any]:
    """The plain form of a simulation, without its figures."""
    done = run.status == RunStatus.DONE
    place = [run.project_id, run.pk]
    return {
        **run_out(run, run.labels_done / (run.labels_total or 1), worker_running),
        "options": run.options,
        "moment": run.moment,
        "plot_url": reverse("api-simulation-plot", args=place) if done else None,
        "points_url": reverse("api-simulation-points", args=place) if done else None,
    }


def simulation_for(request: Request, pk: int, run: int) -> Simulation:
    """The project's simulation of that number, for its leads."""
    project = project_for(cast(User, request.user), pk, "lead")
    row: Simulation | None = (
        Simulation.objects.filter(project=project, pk=run).defer(*LARGE).select_related("created_by").first()
    )
    if row is None:
        raise NotFound
    return row


class Simulations(APIView):
    @extend_schema(operation_id="simulations_list", responses=SimulationPage)
    def get(self, request: Request, pk: int) -> Response:
        """List the project's simulations, newest first."""
        project = project_for(cast(User, request.user), pk, "lead")
        pages = CursorPagination("-pk")
        rows = Simulation.objects.filter(project=project).defer(*LARGE, "comparison").select_related("created_by")
        working = jobs.worker_is_there()
        return pages.get_paginated_response([simulation_out(row, working) for row in pages.page_of(rows, request)])

    @extend_schema(request=SimulationIn, responses={202: SimulationFullOut})
    def post(self, request: Request, pk: int) -> Response:
        """Have strategies and learners compared on the project's own answers, in the background."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        if not isinstance(request.data, dict):
            raise InvalidRequest
        run = requests.create(project, user, request.data)
        return Response(_full(run), status=status.HTTP_202_ACCEPTED)


class SimulationDetail(APIView):
    @extend_schema(responses=SimulationFullOut)
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far a simulation is, and once it is done its figures."""
        return Response(_full(simulation_for(request, pk, run)))


def _full(run: Simulation) -> dict[str, Any]:
    done = run.status == RunStatus.DONE
    return {**simulation_out(run, jobs.worker_is_there()), "comparison": run.comparison if done else None}


class SimulationPlot(APIView):
    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, run: int) -> HttpResponse:
        """The plot, a PNG."""
        return HttpResponse(bytes(_done(request, pk, run).plot), content_type="image/png")


class SimulationPoints(APIView):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, run: int) -> HttpResponse:
        """Every point of every curve, as CSV."""
        row = _done(request, pk, run)
        response = HttpResponse(row.points, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="margin-{pk}-simulation-{row.pk}.csv"'
        return response


def _done(request: Request, pk: int, run: int) -> Simulation:
    row = simulation_for(request, pk, run)
    if row.status != RunStatus.DONE:
        raise Conflict(gettext("This simulation is not finished yet."))
    return row
