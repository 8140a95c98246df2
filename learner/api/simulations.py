"""Simulations over the API: start one, see how far it is, take its figures, its plot and its points. For leads."""

from typing import Annotated, Any, cast

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.access import project_for
from annotation.api.deprecation import DeprecatedName
from annotation.api.endpoint import Endpoint
from annotation.api.jobs import JobOut, job_fields
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.requests import BoundedListField, RenamedChoiceField, RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, from_mapping, response_object
from annotation.api.response_serializers import page_serializer_of, serializer_of
from annotation.api.schema import ERROR
from annotation.errors import Conflict, NotFound
from annotation.models import JobStatus, User
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Simulation
from learner.simulations import requests

RENAMED_METRICS = {"explained": "r2"}
# what task profiles call a metric, by its name in the API
PROFILE_METRICS = {
    RENAMED_METRICS.get(key, key): key
    for key in sorted({key for profile in TASK_PROFILES.values() for key in profile.answers.replay_metrics})
}
METRICS = tuple(PROFILE_METRICS)
NOT_FINISHED_ANSWER = OpenApiResponse(ERROR, description="The simulation is not finished yet.")
LARGE = ("trials", "plot", "points")  # columns that are read only where they are wanted


MAX_COMPARED = 100  # strategies, and estimators, of one simulation


class SimulationIn(RequestSerializer):
    strategies = BoundedListField(
        child=serializers.CharField(), max_length=MAX_COMPARED, help_text="Of those that a project may be set to."
    )
    estimators = BoundedListField(
        child=serializers.ChoiceField(choices=list(requests.learner_titles())), max_length=MAX_COMPARED
    )
    budget = serializers.IntegerField(default=200, help_text="Training labels of each replay.")
    seeds = serializers.IntegerField(default=5, help_text="Repetitions.")
    batch = serializers.IntegerField(required=False, help_text="Labels between two iterations; without: the project's.")
    metric = RenamedChoiceField(
        METRICS, RENAMED_METRICS, required=False, help_text="Without: the task type's first. explained: old name of r2."
    )
    target = serializers.CharField(default="", allow_blank=True, help_text="Search for the items with that label.")
    deprecated_names = {"learners": DeprecatedName("estimators")}


@response_object
class SimulationOptionsOut:
    strategies: list[str]
    estimators: Annotated[list[str], Doc(deprecated_name="learners")]
    budget: int
    seeds: int
    batch: int
    metric: Annotated[str, Doc(choices=METRICS)]
    target: str = ""


@response_object
class MeanIntervalOut:
    """A mean over seeds and its 95 % interval by Student's t; the bounds are null for a single seed."""

    mean: float
    low: float | None
    high: float | None
    seeds: int


@response_object
class RecallOut:
    """How soon the items with the target label were found; null where a seed's budget ended before that."""

    recall: Annotated[list[MeanIntervalOut], Doc("At each mark.")]
    labels_to_95: Annotated[MeanIntervalOut | None, Doc("Until 95 % of them were found.")]
    wss95: Annotated[MeanIntervalOut | None, Doc("Work saved over sampling: (N - labels) / N - 0.05.")]
    atd: Annotated[MeanIntervalOut | None, Doc("Average time to discovery, as a share of N.")]
    atd_is_bound: Annotated[bool, Doc("Some were not found within the budget; they count as found last.")]
    curve: Annotated[list[list[Any]], Doc("Pairs: labels, and the recall after so many, a MeanIntervalOut.")]


@response_object
class ComparisonRowOut:
    """One strategy with one estimator."""

    strategy: str
    estimator: str
    at: Annotated[list[MeanIntervalOut | None], Doc("The score at each mark; null before the first model.")]
    area: Annotated[MeanIntervalOut | None, Doc("Under the curve over `span`, divided by it.")]
    full: Annotated[float, Doc("The score with all labels.")]
    to_reach: Annotated[list[int | None], Doc("Labels until the mean is 90, 95 and 99 % of that; null: not reached.")]
    saved: Annotated[float | None, Doc("Labels that random needs for its last score over those needed here.")]
    search: RecallOut | None
    curve: Annotated[list[list[Any]], Doc("Pairs: labels, and the score after so many, a MeanIntervalOut.")]


@response_object
class ComparisonOut:
    metric: str
    marks: list[int]
    span: Annotated[list[int] | None, Doc("Labels that all curves have in common: from, to.")]
    target: str
    relevant: Annotated[int, Doc("Items with the target label.")]
    readable: int
    rows: list[ComparisonRowOut]


@response_object
class SimulationOut(JobOut):
    options: SimulationOptionsOut
    snapshot: Annotated[
        dict[str, Any],
        Doc("What it rests on: answers, features, sizes of the pool and the judge.", deprecated_name="moment"),
    ]
    plot_url: str | None
    points_url: str | None


@response_object
class SimulationFullOut(SimulationOut):
    comparison: Annotated[ComparisonOut | None, Doc("The figures, once it is done.")]


def simulation_fields(run: Simulation, *, worker_running: bool) -> dict[str, Any]:
    """Return the fields of SimulationOut: a simulation without its figures."""
    done = run.status == JobStatus.DONE
    address = [run.project_id, run.pk]
    metric = run.options["metric"]
    options = {**run.options, "metric": RENAMED_METRICS.get(metric, metric)}
    return {
        **job_fields(run, run.created_by, run.labels_done / (run.labels_total or 1), worker_running=worker_running),
        "options": from_mapping(SimulationOptionsOut, options),
        "snapshot": run.snapshot,
        "plot_url": reverse("api-simulation-plot", args=address) if done else None,
        "points_url": reverse("api-simulation-points", args=address) if done else None,
    }


def simulation_out(run: Simulation, *, worker_running: bool) -> SimulationOut:
    return SimulationOut(**simulation_fields(run, worker_running=worker_running))


def simulation_for_lead(request: Request, pk: int, run: int) -> Simulation:
    """The project's simulation of that number, for its leads."""
    project = project_for(cast(User, request.user), pk, "lead")
    row: Simulation | None = (
        Simulation.objects.filter(project=project, pk=run).defer(*LARGE).select_related("created_by").first()
    )
    if row is None:
        raise NotFound
    return row


class Simulations(Endpoint):
    queries = {"GET": PageIn}

    @extend_schema(operation_id="simulations_list", responses=page_serializer_of(SimulationOut))
    def get(self, request: Request, pk: int) -> Response:
        """List the project's simulations, newest first."""
        project = project_for(cast(User, request.user), pk, "lead")
        pages = CursorPagination("-pk")
        rows = Simulation.objects.filter(project=project).defer(*LARGE, "comparison").select_related("created_by")
        working = jobs.worker_is_running()
        objects = [simulation_out(row, worker_running=working) for row in pages.page_of(rows, request)]
        return pages.get_paginated_response(as_plain_data(objects))

    @extend_schema(
        request=SimulationIn,
        responses={
            202: serializer_of(SimulationFullOut),
            409: OpenApiResponse(ERROR, description="A simulation of this project is under way."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Have strategies and learners compared on the project's own answers, in the background."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        body = SimulationIn(data=request.data)
        body.is_valid(raise_exception=True)
        options = dict(body.validated_data)
        options["learners"] = options.pop("estimators")
        if "metric" in options:
            options["metric"] = PROFILE_METRICS[options["metric"]]
        run = requests.request_simulation(project, user, options)
        return Response(as_plain_data(_simulation_with_comparison(run)), status=status.HTTP_202_ACCEPTED)


class SimulationDetail(Endpoint):
    @extend_schema(responses=serializer_of(SimulationFullOut))
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far a simulation is, and once it is done its figures."""
        return Response(as_plain_data(_simulation_with_comparison(simulation_for_lead(request, pk, run))))


def _simulation_with_comparison(run: Simulation) -> SimulationFullOut:
    stored = run.comparison if run.status == JobStatus.DONE else None
    comparison = None if stored is None else from_mapping(ComparisonOut, stored)
    return SimulationFullOut(**simulation_fields(run, worker_running=jobs.worker_is_running()), comparison=comparison)


class SimulationCancel(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(request=None, responses=serializer_of(SimulationFullOut))
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Cancel a simulation. One that runs ends in a moment; one that has ended stays as it is."""
        row = simulation_for_lead(request, pk, run)
        jobs.cancel_job(row)
        return Response(as_plain_data(_simulation_with_comparison(row)))


class SimulationPlot(Endpoint):
    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY, 409: NOT_FINISHED_ANSWER})
    def get(self, request: Request, pk: int, run: int) -> HttpResponse:
        """The plot, a PNG."""
        return HttpResponse(bytes(_finished_simulation(request, pk, run).plot), content_type="image/png")


class SimulationPoints(Endpoint):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR, 409: NOT_FINISHED_ANSWER})
    def get(self, request: Request, pk: int, run: int) -> HttpResponse:
        """Every point of every curve, as CSV."""
        row = _finished_simulation(request, pk, run)
        response = HttpResponse(row.points, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="margin-{pk}-simulation-{row.pk}.csv"'
        return response


def _finished_simulation(request: Request, pk: int, run: int) -> Simulation:
    row = simulation_for_lead(request, pk, run)
    if row.status != JobStatus.DONE:
        raise Conflict(gettext("This simulation is not finished yet."))
    return row
