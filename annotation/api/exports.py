"""Data out: a preview, a file made in the background, its download. For leads."""

from typing import Annotated, cast

from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.access import export_for, project_for
from annotation.api.endpoint import Endpoint
from annotation.api.jobs import FileJobOut, job_fields
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.requests import RenamedChoiceField, RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, from_mapping, response_object
from annotation.api.response_serializers import page_serializer_of, serializer_of
from annotation.api.schema import ERROR
from annotation.errors import Conflict
from annotation.events.recording import record_event
from annotation.exports import export_table, exporting
from annotation.formats import WRITABLE
from annotation.models import EventKind, Export, JobStatus, User

ANSWERS = ("final", "all")
RENAMED_ANSWERS = {"gold": "final"}
STORED_ANSWERS = {"final": "gold", "all": "all"}  # as exports keep them
ANSWERS_HELP = "final: one row an item, with the answer that counts; all: one row an answer. gold: old name of final."


DOWNLOAD_TYPES = sorted({one.content_type.partition(";")[0] for one in WRITABLE.values()})


RAW_HELP = (
    "CSV and TSV: texts as they are. Without, a text that a spreadsheet would run as a formula gets an apostrophe, "
    "which an import into Margin takes off again."
)


class FiltersIn(RequestSerializer):
    answers = RenamedChoiceField(ANSWERS, RENAMED_ANSWERS, default="final", help_text=ANSWERS_HELP)
    unlabelled = serializers.BooleanField(default=False, help_text="Also items without an answer.")
    raw = serializers.BooleanField(default=False, help_text=RAW_HELP)


class ExportIn(RequestSerializer):
    format = serializers.ChoiceField(choices=list(WRITABLE), default="csv")
    filters = FiltersIn(required=False, allow_null=True)


class ExportPreviewIn(FiltersIn):
    format = serializers.ChoiceField(choices=list(WRITABLE), default="csv")


@response_object
class FiltersOut:
    answers: Annotated[str, Doc(choices=ANSWERS)]
    unlabelled: bool
    raw: bool


@response_object
class ExportRecallOut:
    """How much of the label to find the file holds."""

    label: str
    read: int
    unread: int
    found: int
    recall: float | None
    recall_lower_bound: Annotated[float | None, Doc("At least so much has been found, with `confidence`.")]
    confidence: float


@response_object
class ExportOut(FileJobOut):
    filters: FiltersOut
    recall: Annotated[ExportRecallOut | None, Doc("Where all items of a label are to be found, once it is written.")]
    rows_total: int
    rows_written: int
    download_url: str | None


@response_object
class ExportPreviewOut:
    columns: list[str]
    rows: list[list[str]]
    text: Annotated[str, Doc("The first lines of the file.")]
    rows_total: int
    defused_cells: Annotated[int, Doc("Of these names and texts, those that got an apostrophe, as formulas.")]


def export_out(run: Export, *, worker_running: bool) -> ExportOut:
    done = run.status == JobStatus.DONE
    answers = run.filters.get("answers", ANSWERS[0])
    return ExportOut(
        **job_fields(run, run.created_by, run.rows_written / (run.rows_total or 1), worker_running=worker_running),
        format=run.format,
        size=run.size,
        filters=FiltersOut(
            answers=RENAMED_ANSWERS.get(answers, answers),
            unlabelled=run.filters.get("unlabelled", False),
            raw=run.filters.get("raw", False),
        ),
        recall=None if run.recall is None else ExportRecallOut(**run.recall),
        rows_total=run.rows_total,
        rows_written=run.rows_written,
        download_url=reverse("api-export-download", args=[run.project_id, run.pk]) if done else None,
    )


class Exports(Endpoint):
    queries = {"GET": PageIn}

    @extend_schema(responses=page_serializer_of(ExportOut))
    def get(self, request: Request, pk: int) -> Response:
        """List the project's exports, newest first."""
        project = project_for(cast(User, request.user), pk, "lead")
        pages = CursorPagination("-pk")
        rows = pages.page_of(Export.objects.filter(project=project).select_related("created_by"), request)
        working = jobs.worker_is_running()
        return pages.get_paginated_response(as_plain_data([export_out(row, worker_running=working) for row in rows]))

    @extend_schema(request=ExportIn, responses={202: serializer_of(ExportOut)})
    def post(self, request: Request, pk: int) -> Response:
        """Have an export made in the background."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        body = ExportIn(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        filters = wanted.get("filters") or {}
        if "answers" in filters:
            filters = {**filters, "answers": STORED_ANSWERS[filters["answers"]]}
        run = exporting.create_export(project, user, wanted["format"], filters)
        return Response(
            as_plain_data(export_out(run, worker_running=jobs.worker_is_running())), status=status.HTTP_202_ACCEPTED
        )


class ExportDetail(Endpoint):
    @extend_schema(responses=serializer_of(ExportOut))
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far an export is."""
        row = export_for(cast(User, request.user), pk, run)
        return Response(as_plain_data(export_out(row, worker_running=jobs.worker_is_running())))


class ExportCancel(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(request=None, responses=serializer_of(ExportOut))
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Cancel an export; no file is kept. One that runs ends in a moment; one that has ended stays as it is."""
        row = export_for(cast(User, request.user), pk, run)
        jobs.cancel_job(row)
        record_event(EventKind.EXPORT_CANCELLED, project=row.project, details={"export": row.pk})
        return Response(as_plain_data(export_out(row, worker_running=jobs.worker_is_running())))


class ExportPreview(Endpoint):
    queries = {"GET": ExportPreviewIn}

    @extend_schema(responses=serializer_of(ExportPreviewOut))
    def get(self, request: Request, pk: int) -> Response:
        """The first rows of an export with these options."""
        project = project_for(cast(User, request.user), pk, "lead")
        wanted = self.query
        filters = export_table.Filters(STORED_ANSWERS[wanted["answers"]], wanted["unlabelled"], wanted["raw"])
        preview = exporting.preview_export(project, wanted["format"], filters)
        return Response(as_plain_data(from_mapping(ExportPreviewOut, preview)))


class ExportDownload(Endpoint):
    @extend_schema(
        responses={
            **{(200, media_type): OpenApiTypes.BINARY for media_type in DOWNLOAD_TYPES},
            409: OpenApiResponse(ERROR, description="The export is not finished yet."),
        }
    )
    def get(self, request: Request, pk: int, run: int) -> FileResponse:
        """The file."""
        row = export_for(cast(User, request.user), pk, run)
        if row.status != JobStatus.DONE:
            raise Conflict(gettext("This export is not finished yet."))
        form = WRITABLE[row.format]
        record_event(EventKind.EXPORT_DOWNLOADED, project=row.project, details={"export": row.pk, "format": row.format})
        name = f"margin-{row.project_id}-export-{row.pk}{form.suffix}"
        return FileResponse(row.file.open("rb"), as_attachment=True, filename=name, content_type=form.content_type)
