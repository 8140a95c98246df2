"""The audit log, to read and to filter: of a project for its leads, of everything for admins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from annotation.access import check_instance_admin, project_page
from annotation.api.events import EventFilterIn, EventOut, events_out
from annotation.api.pagination import CursorPagination
from annotation.events.event_filters import EventFilter
from annotation.formats import cell_text
from annotation.models import EventKind, Project

KIND_TITLES = dict(EventKind.choices)


@dataclass(frozen=True)
class ListedEvent:
    event: EventOut
    title: str
    details: str
    project: str  # the name of its project, where there are several


@project_page("lead")
def of_project(request: HttpRequest, project: Project) -> HttpResponse:
    return _render_events(request, project)


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    check_instance_admin(request.user)
    return _render_events(request, None)


def _render_events(request: HttpRequest, project: Project | None) -> HttpResponse:
    filled_in = QueryDict(mutable=True)
    names = list(EventFilterIn().get_fields())
    filled_in.update({name: value for name in names if (value := request.GET.get(name))})
    asked = EventFilterIn(data=filled_in)
    chosen = EventFilter(**asked.validated_data) if asked.is_valid() else EventFilter()
    pages = CursorPagination("-pk")
    events = events_out(pages.page_of(chosen.events(project), Request(request)))
    numbers = {event.project for event in events if event.project} if project is None else set()
    projects = dict(Project.objects.filter(pk__in=numbers).values_list("pk", "name"))
    context = {
        "rows": [
            ListedEvent(
                event,
                str(KIND_TITLES.get(event.kind, event.kind)),
                describe_details(event.details),
                projects.get(event.project, "") if event.project else "",
            )
            for event in events
        ],
        "next": pages.get_next_link(),
        "previous": pages.get_previous_link(),
        "chosen": {name: request.GET.get(name, "") for name in names},
        "filtered": chosen != EventFilter(),
        "errors": asked.errors,
        "kinds": EventKind.choices,
        "crumb": _("Audit log"),
        **({"project": project} if project else {}),
    }
    return render(request, "annotation/events/index.html", context)


def describe_details(details: Mapping[str, Any]) -> str:
    """Return details on a line: what was and what is now for a pair.

    >>> describe_details({"role": "lead", "settings.overlap": [1, 2]})
    'role: lead; settings.overlap: 1 → 2'
    """
    return "; ".join(f"{name}: {_detail_text(value)}" for name, value in details.items())


def _detail_text(value: object) -> str:
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(cell_text(part) or "—" for part in value)
    return cell_text(value[0]) if isinstance(value, list) and len(value) == 1 else cell_text(value) or "—"
