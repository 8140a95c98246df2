"""The annotate screen: one item, large; everything it needs to start is in the page."""

from typing import Any, cast

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from annotation.access import ROLES_FOR, project_page, role_in
from annotation.api.own_answers import own_answers
from annotation.api.response_objects import as_plain_data
from annotation.exports.column_order import record_columns_in_order
from annotation.guidelines import render_guidelines
from annotation.i18n import translate
from annotation.models import Annotation, Label, Outcome, Project, User, project_progress
from annotation.projects.versions import project_version
from annotation.queue.image_grids import GRID_ITEMS, ITEMS_AHEAD
from annotation.queue.suggestion_policy import SuggestionPolicy
from annotation.tasktypes.label_ranking import MAX_TOP_LABELS
from annotation.templatetags.navigation import url_or_none
from annotation.time_zones import start_of_day


@project_page("annotate")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the screen; the items come by the API."""
    user = cast(User, request.user)
    leads = role_in(user, project) in ROLES_FOR["lead"]
    data = annotate_page_data(project, user)
    context = {
        "project": project,
        "guidelines": render_guidelines(project.guidelines),
        "data": data,
        "label_keys": {label["key"] for label in data["labels"]},
        "sends": not project.kind.answer.one_label,
        "widget": f"js/widgets/{project.kind.widget}.js",
        # the first of these templates that there is
        "widget_keys": [f"annotation/annotate/keys/{name}.html" for name in (project.kind.widget, "none")],
        "styles": [f"css/components/{name}.css" for name in project.kind.styles],
        "leads": leads,
        "imports_url": url_or_none("imports-index", project.pk) if leads else None,
        "settings_url": url_or_none("project-settings", project.pk) if leads else None,
    }
    return render(request, "annotation/annotate/index.html", context)


def annotate_page_data(project: Project, user: User) -> dict[str, Any]:
    """What the screen's script starts with; plain data for json_script."""
    policy = SuggestionPolicy.of_project(project)
    all_labels = list(project.labels.all())
    labels = [label for label in all_labels if label.retired_at is None]
    ranks = policy.ranks_labels(len(labels))
    counts = labelling_progress_of(project, user)
    return {
        "project": project.pk,
        "user": user.pk,
        "version": project_version(project, all_labels),
        "time_zone": timezone.get_current_timezone_name(),
        "widget": project.kind.widget,
        "labels": [{"id": label.pk, **label_out(label, with_digit=not ranks)} for label in labels],
        "likely": MAX_TOP_LABELS if ranks else 0,
        "suggestion": policy.mode,
        "grids": {"size": GRID_ITEMS, "ahead": ITEMS_AHEAD} if policy.grids else None,
        "settings": project.settings,
        "scale": None,
        **project.kind.answer.widget_options(),
        "columns": record_columns_in_order(project),
        "overlap": project.options.overlap,
        "exclusion": exclusion_of(project),
        "paused": translate(project.paused_reason),
        "progress": counts,
        "skipped": counts.pop("skipped"),
        "history": as_plain_data(own_answers(project, user)),
    }


def exclusion_of(project: Project) -> dict[str, Any] | None:
    """Return the label to find and the reasons that people may give beside the others; None where there are none."""
    reasons = project.goal.exclusion_reasons if project.goal.finds_all else ()
    return {"label": project.label_to_find, "reasons": list(reasons)} if reasons else None


def label_out(label: Label, *, with_digit: bool = True) -> dict[str, str]:
    """The plain form of a label; without its key where the digits are those of an item's likeliest labels."""
    key = label.key if with_digit or not label.key.isdigit() else ""
    color = label.color or f"label-{label.order % 8 + 1}"
    return {"name": label.name, "words": label.words, "key": key, "color": color, "description": label.description}


def labelling_progress_of(project: Project, user: User) -> dict[str, int]:
    """The person's answers, today and in all, and skips, and how much of the project is labelled; three queries."""
    mine = Annotation.objects.live().filter(project=project, user=user).order_by()
    skips = Q(outcome=Outcome.SKIP, item__answers__lt=project.options.overlap)
    counts = mine.aggregate(
        today=Count("pk", filter=Q(created_at__gte=start_of_day())),
        mine=Count("pk"),
        skipped=Count("pk", filter=skips),
    )
    return {**counts, **project_progress(project)}
