"""All projects of a person; making one; its settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation.access import ROLES_FOR, may_create_projects, project_page, projects_for, roles_of
from annotation.api.labels import label_changes_of
from annotation.errors import Forbidden
from annotation.guidelines import render_guidelines
from annotation.labels import label_set
from annotation.models import Annotation, Label, Project, Role, User
from annotation.project_settings.goal import FIND_ALL, FINDING_TASKS, TRAIN_MODEL
from annotation.project_settings.setting_types import DEFAULT_GOAL, GOAL
from annotation.projects import projects
from annotation.tasktypes import TASK_TYPES
from annotation.templatetags.navigation import url_or_none
from annotation.views import preview
from annotation.views.forms import setting_fields

# Names of the palette's tokens; a test of the tokens themselves holds their contrast.
COLORS = (
    gettext_noop("Blue"),
    gettext_noop("Vermilion"),
    gettext_noop("Green"),
    gettext_noop("Purple"),
    gettext_noop("Ochre"),
    gettext_noop("Sky"),
    gettext_noop("Violet"),
    gettext_noop("Grey"),
)

GOAL_WORDS = {
    TRAIN_MODEL: (
        gettext_noop("Train a model"),
        gettext_noop(
            "People label what the model learns most from. A random test sample says how good the model is and how "
            "frequent each label is."
        ),
    ),
    FIND_ALL: (
        gettext_noop("Find all items of one label"),
        gettext_noop(
            "For systematic reviews, incidents or abuse. Items most likely to have the label come first, every item "
            "counts, and the dashboard says how much has been found. Accuracy is not measured."
        ),
    ),
}


@dataclass(frozen=True)
class Card:
    """A project on the first page, with the one thing to do next there."""

    project: Project
    role: str
    done: int
    total: int
    last_answer_at: datetime | None

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label)

    @property
    def url(self) -> str | None:
        page = "dashboard-index" if self.role in ROLES_FOR["review"] else "annotate-index"
        return url_or_none(page, self.project.pk) or url_or_none("items-index", self.project.pk)

    @property
    def action(self) -> tuple[str, str | None] | None:
        """What to do next and where; None when there is nothing to do for this person."""
        if self.total and self.done < self.total:
            return _("Annotate"), url_or_none("annotate-index", self.project.pk)
        if self.role != Role.LEAD:
            return None
        if not self.total:
            return _("Upload data"), url_or_none("imports-index", self.project.pk)
        return _("Export"), url_or_none("exports-index", self.project.pk)


def _project_cards(user: User) -> list[Card]:
    """The user's projects; three queries however many they are."""
    # a range of one project keeps PostgreSQL from walking back over everybody's answers, where a project has none
    one_project = {"project__gte": OuterRef("pk"), "project__lte": OuterRef("pk")}
    last = Annotation.objects.live().filter(**one_project).order_by("-project_id", "-pk").values("created_at")[:1]
    rows = list(projects_for(user).annotate(last_answer_at=Subquery(last)))
    roles, labelled = roles_of(user, rows), projects.labelled_counts_by_project(rows)
    return [
        Card(row, roles[row.pk] or "", labelled[row.pk], row.item_count, cast(Any, row).last_answer_at) for row in rows
    ]


@require_safe
@never_cache
@login_required
def index(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {"cards": _project_cards(user), "may_create": may_create_projects(user)}
    return render(request, "annotation/projects/index.html", context)


@require_safe
@never_cache
@login_required
def create(request: HttpRequest) -> HttpResponse:
    if not may_create_projects(cast(User, request.user)):
        raise Forbidden(_("Your account may not make projects. Ask the administrator of this site."))
    labels = [Label(name="", key=str(n + 1), color=label_set.PALETTE[n]) for n in range(2)]
    context = {
        "kinds": list(TASK_TYPES.values()),
        "crumb": _("New project"),
        "next": url_or_none("imports-index", 0) or reverse("members-index", args=[0]),
        **_form_context(labels, {}),
    }
    return render(request, "annotation/projects/create.html", context)


@project_page("lead")
def settings(request: HttpRequest, project: Project) -> HttpResponse:
    context = {
        "project": project,
        "in_use": label_set.labels_in_use(project),
        "changes": label_changes_of(project),
        "changeable": not project.kind.built_in_labels and project.labels.exists(),
        "preview": render_guidelines(project.guidelines),
        **_form_context(list(project.labels.all()), project.settings, project.task_type),
    }
    return render(request, "annotation/projects/settings.html", context)


def _goal_choices() -> list[tuple[str, str, str]]:
    """Return (value, title, sentence) of what a project may be for."""
    return [(goal, _(title), _(sentence)) for goal, (title, sentence) in GOAL_WORDS.items()]


def _form_context(labels: list[Label], stored: dict[str, Any], task_type: str = "") -> dict[str, Any]:
    return {
        "labels": labels,
        "new_label": Label(),
        "labelled": not task_type or TASK_TYPES[task_type].answer.has_labels,
        **preview.preview_context(task_type),
        "goals": _goal_choices() if task_type in ("", *FINDING_TASKS) else [],
        "goal": stored.get(GOAL, DEFAULT_GOAL),
        "finding_tasks": FINDING_TASKS,
        "fields": setting_fields(stored, [one.name for one in labels if one.name and not one.retired_at], task_type),
        "colors": [(token, _(name)) for token, name in zip(label_set.PALETTE, COLORS, strict=True)],
    }
