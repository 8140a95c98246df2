"""The dashboard: how far the labels are, how good the model is, how the loop runs; and simulations."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import json_script

from annotation import jobs
from annotation.access import project_page, role_in
from annotation.api.response_objects import as_plain_data, from_mapping
from annotation.errors import NotFound
from annotation.i18n import label_words, translate
from annotation.models import JobStatus, Project, Role, User
from annotation.project_settings.goal import FIND_ALL
from annotation.templatetags.navigation import url_or_none
from learner.api.progress_objects import ProgressOut
from learner.api.simulations import LARGE, simulation_out
from learner.engine.simulation.comparison import SCORE_SHARES, Comparison, MeanInterval
from learner.engine.simulation.text_report import format_percent, format_score
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options
from learner.models import Simulation
from learner.reports.progress import current_progress
from learner.simulations import requests

SIMULATIONS_SHOWN = 20  # simulations
DEFAULT_STRATEGIES = ("boltzmann_kmeans", "margin", "random")  # strategies that are ticked at first


@project_page("review")
def dashboard_index(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the page with the numbers of now in it; its script keeps them new by the API."""
    assert isinstance(request.user, User)
    progress = as_plain_data(from_mapping(ProgressOut, current_progress(project).document))
    context = {
        "project": project,
        "progress": json_script(progress, "progress-now"),
        "label_words": label_words(project.task_type),
        "finds_all": progress["project"]["goal"] == FIND_ALL,
        "progress_goal": progress["project"]["goal"],
        "is_lead": role_in(request.user, project) == Role.LEAD,
        "imports_url": url_or_none("imports-index", project.pk),
        "annotate_url": url_or_none("annotate-index", project.pk),
        "needed": MIN_TEST_ANSWERS,
        "measures": progress["measures"],
        "columns": progress["columns"],
        "in_parts": project.kind.answer.in_components,
        "has_average_precision": TASK_PROFILES[project.task_type].answers.needs_detections,
        "simulations_url": url_or_none("simulations-index", project.pk),
    }
    return render(request, "learner/dashboard/index.html", context)


# Simulations


@project_page("lead")
def simulations_index(request: HttpRequest, project: Project) -> HttpResponse:
    """The form that starts one, and those that there are."""
    rows = Simulation.objects.filter(project=project).defer(*LARGE, "comparison").select_related("created_by")
    working = jobs.worker_is_running()
    labelled = requests.count_labelled_items(project)
    context = {
        "project": project,
        "labelled": labelled,
        "least": requests.MIN_LABELLED,
        "most_seeds": requests.MAX_SEEDS,
        "most_budget": requests.MAX_BUDGET_LABELS,
        "by_test_sample": labelled.by_test_sample >= MIN_TEST_ANSWERS,
        "strategies": [
            (name, translate(title), name in DEFAULT_STRATEGIES)
            for name, title in requests.strategy_titles(project).items()
        ],
        "learners": [
            (name, translate(title), place == 0)
            for place, (name, title) in enumerate(requests.learner_titles(project).items())
        ],
        "metrics": [
            (name, translate(title)) for name, title in TASK_PROFILES[project.task_type].answers.replay_metrics.items()
        ],
        "budget": min(200, max(20, labelled.items // 2)),
        "batch": loop_options(project).batch_size,
        "simulations": [
            as_plain_data(simulation_out(row, worker_running=working)) | _option_titles(row.options)
            for row in rows[:SIMULATIONS_SHOWN]
        ],
        "worker_running": working,
    }
    return render(request, "learner/simulations/index.html", context)


@project_page("lead")
def simulation_show(request: HttpRequest, project: Project, run: int) -> HttpResponse:
    """One simulation: how far it is, or its plot and the same figures as a table."""
    row = Simulation.objects.filter(project=project, pk=run).defer(*LARGE).select_related("created_by").first()
    if row is None:
        raise NotFound
    context: dict[str, Any] = {
        "project": project,
        "run": simulation_out(row, worker_running=jobs.worker_is_running()),
        "worker_running": jobs.worker_is_running(),
        "metric": translate(TASK_PROFILES[project.task_type].answers.replay_metrics[row.options["metric"]]),
    }
    if row.status == JobStatus.DONE:
        comparison = Comparison.from_json(row.comparison)
        context |= _comparison_table(comparison) | {"chart": _comparison_chart(comparison, context["metric"])}
    return render(request, "learner/simulations/show.html", context)


def _option_titles(options: dict[str, Any]) -> dict[str, list[str]]:
    """Return what was compared, in the words of the form that started it."""
    return {
        "strategies": [_translated_title(requests.strategy_titles(), name) for name in options["strategies"]],
        "learners": [_translated_title(requests.learner_titles(), name) for name in options["learners"]],
    }


def _translated_title(titles: Mapping[str, str], name: str) -> str:
    return translate(titles.get(name, name))


def _comparison_table(comparison: Comparison) -> dict[str, Any]:
    """Return the table's words: one row a strategy and learner."""
    rows = [
        {
            "strategy": _translated_title(requests.strategy_titles(), row.strategy),
            "learner": _translated_title(requests.learner_titles(), row.estimator),
            "at": [format_score(one) for one in row.at],
            "area": format_score(row.area),
            "full": f"{row.full:.3f}",
            "to_reach": row.to_reach,
            "saved": row.saved,
            "search": row.search
            and {
                "recall": [format_score(one) for one in row.search.recall],
                "labels": row.search.labels_to_95 and round(row.search.labels_to_95.mean),
                "wss95": format_percent(row.search.wss95),
                "atd": ("≤ " if row.search.atd_is_bound else "") + format_percent(row.search.atd),
            },
        }
        for row in comparison.rows
    ]
    seeds = max((one.seeds for row in comparison.rows for one in row.at if one), default=1)
    shares = [f"{share:.0%}" for share in SCORE_SHARES]
    return {"comparison": comparison, "rows": rows, "shares": shares, "seeds": seeds}


def _comparison_chart(comparison: Comparison, metric: str) -> dict[str, Any]:
    """Return what the page's charts are drawn of; a row's strategy and learner are places in the lists of titles."""
    strategies = list(dict.fromkeys(row.strategy for row in comparison.rows))
    learners = list(dict.fromkeys(row.estimator for row in comparison.rows))
    return {
        "metric": metric,
        "strategies": [_translated_title(requests.strategy_titles(), name) for name in strategies],
        "learners": [_translated_title(requests.learner_titles(), name) for name in learners],
        "rows": [
            {
                "strategy": strategies.index(row.strategy),
                "learner": learners.index(row.estimator),
                "full": row.full,
                "curve": _chart_points(row.curve),
                "recall": None if row.search is None else _chart_points(row.search.curve),
            }
            for row in comparison.rows
        ],
    }


def _chart_points(curve: list[tuple[int, MeanInterval]]) -> list[tuple[int, dict[str, Any]]]:
    return [(labels, asdict(one)) for labels, one in curve]
