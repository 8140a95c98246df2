"""Projects: list, create, look, change, delete; the preview of guidelines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import may_create_projects, project_for, projects_for, roles_of
from annotation.api.endpoint import Endpoint
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.requests import BoundedDictField, RequestSerializer
from annotation.api.response_objects import ABSENT, Absent, Doc, as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR
from annotation.errors import Forbidden, InvalidRequest
from annotation.guidelines import render_guidelines
from annotation.i18n import translate
from annotation.labels.label_set import MAX_LABELS
from annotation.models import Annotation, Label, Project, User
from annotation.project_settings.groups import effective_settings
from annotation.projects import projects
from annotation.projects.versions import project_version
from annotation.tasktypes import TASK_TYPES

MAX_SETTINGS = 200  # names in one call; there are fewer settings
MAX_PROJECT_BYTES = 4 * 1024 * 1024  # of a call: 500 labels with descriptions, and guidelines
ALLOW_SIMILAR_LABELS = (
    "Labels that look alike, such as Spam and spam, are really two; without it the error `similar_labels` asks."
)


class LabelIn(RequestSerializer):
    name = serializers.CharField(max_length=120)
    key = serializers.CharField(required=False, allow_blank=True, help_text="By default the next digit.")
    color = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="label-1 to label-8, or #rrggbb; by default the next.",
    )
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)
    retired = serializers.BooleanField(required=False, help_text="Takes the button away and keeps the answers.")


@response_object
class LabelOut:
    name: str
    key: str
    color: str
    description: str
    retired: bool


class ProjectIn(RequestSerializer):
    name = serializers.CharField(max_length=120)
    task_type = serializers.ChoiceField(choices=sorted(TASK_TYPES))
    labels = LabelIn(  # type: ignore[call-arg]  # of the list that `many` makes of it
        many=True,
        required=False,
        max_length=MAX_LABELS,
        help_text="Left out or empty: those that an upload brings.",
    )
    allow_similar_labels = serializers.BooleanField(required=False, help_text=ALLOW_SIMILAR_LABELS)
    guidelines = serializers.CharField(required=False, allow_blank=True, max_length=100_000, help_text="Markdown.")
    settings = BoundedDictField(
        max_length=MAX_SETTINGS, required=False, help_text="Names and values; what is left out has its default."
    )


class ProjectPatchIn(RequestSerializer):
    name = serializers.CharField(required=False, max_length=120)
    task_type = serializers.CharField(required=False, help_text="Cannot change; accepted when it is the same.")
    labels = LabelIn(  # type: ignore[call-arg]  # of the list that `many` makes of it
        many=True,
        required=False,
        max_length=MAX_LABELS,
        help_text="The whole set in its order; only retired labels may be left out. No label with answers can be lost.",
    )
    allow_similar_labels = serializers.BooleanField(required=False, help_text=ALLOW_SIMILAR_LABELS)
    guidelines = serializers.CharField(required=False, allow_blank=True, max_length=100_000, help_text="Markdown.")
    settings = BoundedDictField(max_length=MAX_SETTINGS, required=False, help_text="Only the settings to change.")


@response_object
class ProjectCountsOut:
    items: int
    labelled: int
    test: int
    test_labelled: int
    skipped_by_me: Annotated[
        int | Absent, Doc("Items that the caller skipped and can take again, see `next/`; of a single project only.")
    ] = ABSENT


@response_object
class PauseOut:
    paused_at: Annotated[datetime | None, Doc("Since when nothing new is leased.")]
    paused_reason: Annotated[str, Doc("Why; empty while items are leased.")]


@response_object
class ProjectOut(PauseOut):
    id: int
    name: str
    task_type: str
    labels: list[LabelOut]
    guidelines: str
    settings: Annotated[dict[str, Any], Doc("All settings, defaults included.")]
    role: Annotated[str | None, Doc("The caller's role; an instance admin counts as lead.")]
    counts: ProjectCountsOut
    version: Annotated[str, Doc("Another text when labels, guidelines or settings have changed.")]
    created_at: datetime


class PauseIn(RequestSerializer):
    paused = serializers.BooleanField()


class GuidelinesIn(RequestSerializer):
    text = serializers.CharField(allow_blank=True, max_length=100_000, trim_whitespace=False)


@response_object
class GuidelinesOut:
    html: str


def label_out(label: Label) -> LabelOut:
    return LabelOut(
        name=label.name,
        key=label.key,
        color=label.color,
        description=label.description,
        retired=label.retired_at is not None,
    )


def project_out(project: Project, role: str | None, counts: Mapping[str, int]) -> ProjectOut:
    labels = list(project.labels.all())
    return ProjectOut(
        id=project.pk,
        name=project.name,
        task_type=project.task_type,
        labels=[label_out(label) for label in labels],
        guidelines=project.guidelines,
        settings=effective_settings(project.settings, project.task_type),
        role=role,
        counts=ProjectCountsOut(**counts),
        version=project_version(project, labels),
        created_at=project.created_at,
        paused_at=project.paused_at,
        paused_reason=translate(project.paused_reason),
    )


def _projects_out(user: User, rows: Sequence[Project]) -> list[ProjectOut]:
    roles, counts = roles_of(user, rows), projects.item_counts_by_project(rows)
    return [project_out(project, roles[project.pk], counts[project.pk]) for project in rows]


def _project_out_for(user: User, project: Project) -> ProjectOut:
    (single,) = _projects_out(user, [project])
    single.counts.skipped_by_me = Annotation.objects.skipped_by(user, project).count()
    return single


class Projects(Endpoint):
    max_body_bytes = MAX_PROJECT_BYTES
    queries = {"GET": PageIn}
    pagination_class = CursorPagination

    @extend_schema(operation_id="projects_list", responses=serializer_of(ProjectOut)(many=True))
    def get(self, request: Request) -> Response:
        """List the projects in which the caller takes part; all of them for an instance admin."""
        pages = CursorPagination()
        user = cast(User, request.user)
        rows = pages.page_of(projects_for(user).prefetch_related("labels"), request)
        return pages.get_paginated_response(as_plain_data(_projects_out(user, rows)))

    @extend_schema(operation_id="projects_create", request=ProjectIn, responses={201: serializer_of(ProjectOut)})
    def post(self, request: Request) -> Response:
        """Make a project; the caller becomes its lead."""
        user = cast(User, request.user)
        if not may_create_projects(user):
            raise Forbidden(_("Your account may not make projects. Ask the administrator of this site."))
        body = ProjectIn(data=request.data)
        body.is_valid(raise_exception=True)
        project = projects.create_project(user, **body.validated_data)
        return Response(as_plain_data(_project_out_for(user, project)), status=status.HTTP_201_CREATED)


class ProjectDetail(Endpoint):
    max_body_bytes = MAX_PROJECT_BYTES

    @extend_schema(operation_id="projects_retrieve", responses=serializer_of(ProjectOut))
    def get(self, request: Request, pk: int) -> Response:
        """One project with its settings and counts."""
        user = cast(User, request.user)
        return Response(as_plain_data(_project_out_for(user, project_for(user, pk, "annotate"))))

    @extend_schema(
        operation_id="projects_update",
        request=ProjectPatchIn,
        responses={
            200: serializer_of(ProjectOut),
            409: OpenApiResponse(
                ERROR, description="A label with answers would be lost: retire it. Or two labels look alike."
            ),
        },
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given (leads)."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        body = ProjectPatchIn(data=request.data)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        if changes.pop("task_type", project.task_type) != project.task_type:
            message = _("The task type of a project stays as it is: make a new project for another.")
            raise InvalidRequest(message, {"field": "task_type"})
        return Response(as_plain_data(_project_out_for(user, projects.update_project(project, **changes))))

    @extend_schema(operation_id="projects_destroy", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the project with its items, answers and files, for good (leads)."""
        projects.delete_project(project_for(request.user, pk, "lead"))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProjectPause(Endpoint):
    @extend_schema(operation_id="projects_pause", request=PauseIn, responses=serializer_of(PauseOut))
    def post(self, request: Request, pk: int) -> Response:
        """Stop handing out new items, or hand out again (leads). What people hold they may answer."""
        project = project_for(request.user, pk, "lead")
        body = PauseIn(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data["paused"]:
            projects.pause_project(project)
        else:
            projects.resume_project(project)
        pause = PauseOut(paused_at=project.paused_at, paused_reason=translate(project.paused_reason))
        return Response(as_plain_data(pause))


class GuidelinesPreview(Endpoint):
    @extend_schema(operation_id="guidelines_preview", request=GuidelinesIn, responses=serializer_of(GuidelinesOut))
    def post(self, request: Request) -> Response:
        """Show Markdown as guidelines will look; nothing is stored."""
        body = GuidelinesIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(as_plain_data(GuidelinesOut(html=render_guidelines(body.validated_data["text"]))))
