"""Data in: upload a file with a preview and a mapping, watch it come in. For leads."""

import csv
from collections.abc import Iterator
from typing import Annotated, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.access import import_for, project_for
from annotation.api.endpoint import Endpoint
from annotation.api.import_mapping import MappingIn, MappingOut, with_stored_roles
from annotation.api.jobs import FileJobOut, job_fields
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.parsers import JsonParser, JsonTextField
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import ABSENT, Absent, Doc, as_plain_data, from_mapping, response_object
from annotation.api.response_serializers import page_serializer_of, serializer_of
from annotation.api.schema import ERROR
from annotation.errors import ImportRefused
from annotation.events.recording import record_event
from annotation.formats import DELIMITERS, ENCODINGS, TITLES, Hints
from annotation.formats.formula_cells import escape_formula
from annotation.i18n import translate
from annotation.imports import importing
from annotation.models import EventKind, Import, ImportReject, JobStatus, User

FIRST_REJECTS = 3  # rows that are told with the import itself
MULTIPART_OVERHEAD = 64 * 1024  # bytes of a request around the file


class HintsIn(RequestSerializer):
    """What the caller knows about the file; the rest is found out."""

    format = serializers.ChoiceField(choices=["auto", *TITLES], default="auto")
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False, allow_blank=True)
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), required=False, allow_blank=True)
    header = serializers.BooleanField(required=False, allow_null=True, help_text="Whether the first line is a header.")


class ImportIn(HintsIn):
    file = serializers.FileField(allow_empty_file=True)
    mapping = JsonTextField(help_text="JSON: a MappingIn. Without: as guessed.")
    preview = serializers.BooleanField(default=False, help_text="Keep it as a draft and answer with a preview.")


class StartIn(RequestSerializer):
    mapping = MappingIn(required=False, allow_null=True)


@response_object
class OtherEncodingOut:
    encoding: str
    examples: Annotated[list[list[str]], Doc("Rows as they are read, and as they would be in this encoding.")]
    is_excluded: Annotated[bool, Doc("False: the bytes leave it open; look at the examples, and choose.")]


@response_object
class PreviewOut:
    format: str
    encoding: str
    gzip: bool
    returns: Annotated[bool, Doc("Lines end in a bare carriage return.")]
    delimiter: str
    header: bool
    columns: list[str]
    rows: list[list[str]]
    unreadable: Annotated[int, Doc("How many of the first 100 rows will be rejected as they are.")]
    mapping: MappingOut
    notes: Annotated[list[str], Doc("What was decided about the file, to be looked at before it is started.")]
    other_encoding: Annotated[OtherEncodingOut | None, Doc("The next best encoding, where rows differ in it.")]


@response_object
class RejectOut:
    row: Annotated[int, Doc("1 is the first record below the header.")]
    reason: str


@response_object
class ImportOut(FileJobOut):
    name: str
    mapping: MappingOut
    rows_read: int
    rows_added: int
    rows_duplicate: int
    rows_rejected: int
    rows_unanswered: Annotated[int, Doc("Added without the answer that the file has about them.")]
    rejects_url: str | None
    first_rejects: Annotated[list[RejectOut] | Absent, Doc("Of one import: the first rows that were rejected.")] = (
        ABSENT
    )
    preview: Annotated[PreviewOut | Absent, Doc("Of a draft.")] = ABSENT


def import_out(
    run: Import,
    *,
    worker_running: bool,
    first_rejects: list[RejectOut] | Absent = ABSENT,
    preview: PreviewOut | Absent = ABSENT,
) -> ImportOut:
    """Return an import as it is; `progress` is the share of the file that was read."""
    size = run.options.get("bytes") or run.size or 1
    has_rejects = bool(run.rows_rejected or run.rows_duplicate or run.rows_unanswered)
    return ImportOut(
        **job_fields(run, run.created_by, run.bytes_read / size, worker_running=worker_running),
        format=run.format,
        size=run.size,
        name=run.name,
        mapping=from_mapping(MappingOut, run.mapping),
        rows_read=run.rows_read,
        rows_added=run.rows_added,
        rows_duplicate=run.rows_duplicate,
        rows_rejected=run.rows_rejected,
        rows_unanswered=run.rows_unanswered,
        rejects_url=reverse("api-import-rejects", args=[run.project_id, run.pk]) if has_rejects else None,
        first_rejects=first_rejects,
        preview=preview,
    )


def draft_preview_of(run: Import) -> PreviewOut:
    return from_mapping(PreviewOut, importing.preview_draft(run))


def first_rejects(run: Import) -> list[RejectOut]:
    """The first rows that were rejected, duplicates left out, each with its reason."""
    rows = ImportReject.objects.filter(run=run, kind="rejected").order_by("row")[:FIRST_REJECTS]
    return [RejectOut(row=row.row, reason=translate(row.reason)) for row in rows]


def _read_hints(data: dict[str, Any]) -> Hints:
    return Hints(data["format"], data.get("encoding") or "", data.get("delimiter") or "", data.get("header"))


class Imports(Endpoint):
    queries = {"GET": PageIn}
    parser_classes = [MultiPartParser]

    @extend_schema(responses=page_serializer_of(ImportOut))
    def get(self, request: Request, pk: int) -> Response:
        """List the project's imports, newest first."""
        project = project_for(cast(User, request.user), pk, "lead")
        pages = CursorPagination("-pk")
        rows = pages.page_of(Import.objects.filter(project=project).select_related("created_by"), request)
        working = jobs.worker_is_running()
        return pages.get_paginated_response(as_plain_data([import_out(row, worker_running=working) for row in rows]))

    @extend_schema(
        request={"multipart/form-data": ImportIn},
        responses={
            202: serializer_of(ImportOut),
            200: OpenApiResponse(serializer_of(ImportOut), description="A draft: start it with its mapping."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Upload a file. It is started at once, with `mapping` or as guessed; with `preview` it stays a draft.

        It also stays a draft (200) when no column is a text for certain, or the encoding is not certain: then say the
        mapping to start it.
        """
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        _check_length(request)
        form = ImportIn(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        mapping = _read_mapping(data.get("mapping"))
        run = importing.create_import(project, user, cast("UploadedFile[Any]", data["file"]), _read_hints(data))
        if data["preview"] or (mapping is None and not importing.mapping_is_certain(run)):
            return Response(
                as_plain_data(import_out(run, worker_running=jobs.worker_is_running(), preview=draft_preview_of(run)))
            )
        try:
            importing.start_draft(run, mapping)
        except ImportRefused:
            importing.discard_draft(run)
            raise
        return Response(
            as_plain_data(import_out(run, worker_running=jobs.worker_is_running())), status=status.HTTP_202_ACCEPTED
        )


def _check_length(request: Request) -> None:
    """Refuse what is too large before it is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > settings.UPLOAD_MAX_BYTES + MULTIPART_OVERHEAD:
        raise importing.upload_too_large_error()


def _read_mapping(mapping: object) -> dict[str, Any] | None:
    """Check the form of a mapping that came as JSON in a form; None: as guessed."""
    if mapping is None:
        return None
    body = MappingIn(data=mapping)
    body.is_valid(raise_exception=True)
    return with_stored_roles(body.validated_data)


class ImportDetail(Endpoint):
    parser_classes = [JsonParser]

    @extend_schema(responses=serializer_of(ImportOut))
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far an import is; a draft comes with its preview."""
        row = import_for(cast(User, request.user), pk, run)
        preview = draft_preview_of(row) if row.status == JobStatus.DRAFT else ABSENT
        told = import_out(
            row, worker_running=jobs.worker_is_running(), first_rejects=first_rejects(row), preview=preview
        )
        return Response(as_plain_data(told))

    @extend_schema(request=HintsIn, responses=serializer_of(ImportOut))
    def patch(self, request: Request, pk: int, run: int) -> Response:
        """Read a draft anew with another format, encoding, delimiter or header."""
        row = import_for(cast(User, request.user), pk, run)
        body = HintsIn(data=request.data)
        body.is_valid(raise_exception=True)
        importing.reread_draft(row, _read_hints(body.validated_data))
        return Response(
            as_plain_data(import_out(row, worker_running=jobs.worker_is_running(), preview=draft_preview_of(row)))
        )

    @extend_schema(responses={204: None, 400: OpenApiResponse(ERROR, description="It was started already.")})
    def delete(self, request: Request, pk: int, run: int) -> Response:
        """Forget a draft and its file."""
        importing.discard_draft(import_for(cast(User, request.user), pk, run))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ImportStart(Endpoint):
    parser_classes = [JsonParser]

    @extend_schema(
        request=StartIn,
        responses={
            202: serializer_of(ImportOut),
            409: OpenApiResponse(ERROR, description="It was started already."),
        },
    )
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Start a draft, with a mapping or as guessed."""
        row = import_for(cast(User, request.user), pk, run)
        body = StartIn(data=request.data)
        body.is_valid(raise_exception=True)
        mapping = body.validated_data.get("mapping")
        importing.start_draft(row, None if mapping is None else with_stored_roles(mapping))
        return Response(
            as_plain_data(import_out(row, worker_running=jobs.worker_is_running())), status=status.HTTP_202_ACCEPTED
        )


class ImportCancel(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(
        request=None,
        responses={200: serializer_of(ImportOut), 409: OpenApiResponse(ERROR, description="It is a draft still.")},
    )
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Cancel an import; its rows so far stay. One that runs ends in a moment; one that has ended stays as it is."""
        row = import_for(cast(User, request.user), pk, run)
        jobs.cancel_job(row)
        record_event(EventKind.IMPORT_CANCELLED, project=row.project, subject=row.name, details={"import": row.pk})
        return Response(as_plain_data(import_out(row, worker_running=jobs.worker_is_running())))


class ImportRejects(Endpoint):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, run: int) -> StreamingHttpResponse:
        """The rows that were not added, or without their answer, as CSV: row, kind, reason, excerpt."""
        row = import_for(cast(User, request.user), pk, run)
        response = StreamingHttpResponse(_reject_lines(row), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{row.pk}-not-added.csv"'
        return response


class _Echo:
    def write(self, text: str) -> str:
        return text


def _reject_lines(run: Import) -> Iterator[str]:
    """Stream the rejects by row; a cell that a spreadsheet would run as a formula gets an apostrophe."""
    writer = csv.writer(_Echo())
    yield writer.writerow(["row", "kind", "reason", "excerpt"])
    rows = ImportReject.objects.filter(run=run).order_by("row").values_list("row", "kind", "reason", "excerpt")
    last = 0
    while block := list(rows.filter(row__gt=last)[:2000]):
        for row, kind, *texts in block:
            yield writer.writerow([row, kind, *map(escape_formula, texts)])
        last = block[-1][0]
