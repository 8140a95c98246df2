"""The audit log: who did what, when and from where. Of a project for its leads, of everything for admins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import check_instance_admin, project_for
from annotation.api.endpoint import Endpoint
from annotation.api.pagination import CursorPagination, PageIn, filters_in_query
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, response_object
from annotation.api.response_serializers import page_serializer_of
from annotation.api.schema import ERROR
from annotation.events.event_filters import EventFilter, user_names_in
from annotation.models import Event, EventKind, Project, User

EVENT_KINDS = EventKind.values  # settings give this list its name in the schema


class EventFilterIn(RequestSerializer):
    kind = serializers.ChoiceField(choices=EVENT_KINDS, required=False)
    actor = serializers.CharField(required=False, max_length=150, help_text="What this user did.")
    since = serializers.DateTimeField(required=False, help_text="At this time or later.")
    before = serializers.DateTimeField(required=False, help_text="Earlier than this time.")


class EventsIn(EventFilterIn, PageIn):
    """The query string of the audit log."""


@response_object
class EventOut:
    """One thing that somebody did. People are told by their names of today."""

    id: int
    at: datetime
    kind: Annotated[str, Doc(choices=tuple(EVENT_KINDS))]
    actor: Annotated[str | None, Doc("Who did it; null: nobody signed in, or the server itself.")]
    user: Annotated[str | None, Doc("Whom it was done to.")]
    project: int | None
    subject: Annotated[str, Doc("The name of what it was done to; of a failed sign-in, the name that was tried.")]
    details: dict[str, Any]
    address: Annotated[str | None, Doc("From where.")]
    request_id: Annotated[str, Doc("Of the request, as `X-Request-ID` and the log have it.")]


def user_name_of(pk: int | None, names: Mapping[int, str]) -> str | None:
    """Return the name of a person; their number where the account is gone."""
    return None if pk is None else names.get(pk, f"#{pk}")


def events_out(rows: Sequence[Event]) -> list[EventOut]:
    names = user_names_in(rows)
    return [
        EventOut(
            id=row.pk,
            at=row.at,
            kind=row.kind,
            actor=user_name_of(row.actor, names),
            user=user_name_of(row.user, names),
            project=row.project,
            subject=row.subject,
            details=row.details,
            address=row.address,
            request_id=row.request_id,
        )
        for row in rows
    ]


def _event_page_response(request: Request, query: Mapping[str, Any], project: Project | None) -> Response:
    pages = CursorPagination("-pk")
    rows = pages.page_of(EventFilter(**filters_in_query(query)).events(project), request)
    return pages.get_paginated_response(as_plain_data(events_out(rows)))


class ProjectEvents(Endpoint):
    queries = {"GET": EventsIn}

    @extend_schema(operation_id="project_events_list", responses=page_serializer_of(EventOut))
    def get(self, request: Request, pk: int) -> Response:
        """What was done in a project, newest first (leads)."""
        return _event_page_response(request, self.query, project_for(cast(User, request.user), pk, "lead"))


class Events(Endpoint):
    queries = {"GET": EventsIn}

    @extend_schema(
        operation_id="events_list",
        responses={
            200: page_serializer_of(EventOut),
            404: OpenApiResponse(ERROR, description="For instance admins only."),
        },
    )
    def get(self, request: Request) -> Response:
        """What was done anywhere, newest first (instance admins)."""
        check_instance_admin(request.user)
        return _event_page_response(request, self.query, None)
