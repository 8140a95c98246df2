"""Data in and out: imports with preview and mapping, exports with preview and download. For leads."""

import csv
import json
from collections.abc import Iterator
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import jobs
from annotation.access import export_for, import_for, project_for
from annotation.api.pagination import CursorPagination
from annotation.api.runs import RunOut, run_out
from annotation.errors import Conflict, ImportRefused, InvalidRequest
from annotation.exports import export_table, exporting
from annotation.formats import DELIMITERS, ENCODINGS, TITLES, WRITABLE, Hints
from annotation.i18n import translated
from annotation.imports import importing
from annotation.models import Export, Import, ImportReject, RunStatus, User

FIRST_REJECTS = 3  # rows that are told with the import itself
MULTIPART_OVERHEAD = 64 * 1024  # bytes of a request around the file
AT_START_OF_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class HintsIn(serializers.Serializer[Any]):
    """What the caller knows about the file; the rest is found out."""

    format = serializers.ChoiceField(choices=["auto", *TITLES], default="auto")
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False, allow_blank=True)
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), required=False, allow_blank=True)
    header = serializers.BooleanField(required=False, allow_null=True, help_text="Whether the first line is a header.")


class ImportIn(HintsIn):
    file = serializers.FileField(allow_empty_file=True)
    mapping = serializers.JSONField(
        required=False,
        help_text='{"text": column, "id"?, "label"?, "hidden"?: [columns], "create_labels"?}. Without: as guessed. '
        'A table has "fields"?: [columns] instead of "text"; without it, all other columns.',
    )
    preview = serializers.BooleanField(default=False, help_text="Keep it as a draft and answer with a preview.")


class StartIn(serializers.Serializer[Any]):
    mapping = serializers.JSONField(required=False)


class FileRunOut(RunOut):
    format = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")


class PreviewOut(serializers.Serializer[Any]):
    format = serializers.CharField()
    encoding = serializers.CharField()
    gzip = serializers.BooleanField()
    delimiter = serializers.CharField()
    header = serializers.BooleanField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    unreadable = serializers.IntegerField(help_text="How many of the first 100 rows will be rejected as they are.")
    mapping = serializers.JSONField()


class RejectOut(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="1 is the first record below the header.")
    reason = serializers.CharField()


class ImportOut(FileRunOut):
    name = serializers.CharField()
    mapping = serializers.JSONField()
    rows_read = serializers.IntegerField()
    rows_added = serializers.IntegerField()
    rows_duplicate = serializers.IntegerField()
    rows_rejected = serializers.IntegerField()
    rejects_url = serializers.CharField(allow_null=True)
    first_rejects = RejectOut(many=True, required=False, help_text="Of one import: the first rows that were rejected.")
    preview = PreviewOut(required=False, help_text="Of a draft.")


class ExportOut(FileRunOut):
    filters = serializers.JSONField()
    rows_total = serializers.IntegerField()
    rows_written = serializers.IntegerField()
    download_url = serializers.CharField(allow_null=True)


class FiltersIn(serializers.Serializer[Any]):
    answers = serializers.ChoiceField(choices=export_table.ANSWERS, default="gold")
    unlabelled = serializers.BooleanField(default=False)


class ExportIn(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=list(WRITABLE), default="csv")
    filters = FiltersIn(required=False)


class ExportPreviewIn(FiltersIn):
    format = serializers.ChoiceField(choices=list(WRITABLE), default="csv")


class ExportPreviewOut(serializers.Serializer[Any]):
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    text = serializers.CharField(help_text="The first lines of the file.")
    rows_total = serializers.IntegerField()


class ImportPage(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ImportOut(many=True)


class ExportPage(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ExportOut(many=True)


def import_out(run: Import, worker_running: bool) -> dict[str, Any]:
    """The plain form of an import; `progress` is the share of the file that was read."""
    size = run.options.get("bytes") or run.size or 1
    has_rejects = bool(run.rows_rejected or run.rows_duplicate)
    return {
        **run_out(run, run.bytes_read / size, worker_running),
        "format": run.format,
        "size": run.size,
        "name": run.name,
        "mapping": run.mapping,
        "rows_read": run.rows_read,
        "rows_added": run.rows_added,
        "rows_duplicate": run.rows_duplicate,
        "rows_rejected": run.rows_rejected,
        "rejects_url": reverse("api-import-rejects", args=[run.project_id, run.pk]) if has_rejects else None,
    }


def first_rejects(run: Import) -> list[dict[str, Any]]:
    """The first rows that were rejected, duplicates left out, each with its reason."""
    rows = ImportReject.objects.filter(run=run, kind="rejected").order_by("row")[:FIRST_REJECTS]
    return [{"row": row.row, "reason": translated(row.reason)} for row in rows]


def export_out(run: Export, worker_running: bool) -> dict[str, Any]:
    done = run.status == RunStatus.DONE
    return {
        **run_out(run, run.rows_written / (run.rows_total or 1), worker_running),
        "format": run.format,
        "size": run.size,
        "filters": run.filters,
        "rows_total": run.rows_total,
        "rows_written": run.rows_written,
        "download_url": reverse("api-export-download", args=[run.project_id, run.pk]) if done else None,
    }


def _hints(data: dict[str, Any]) -> Hints:
    return Hints(data["format"], data.get("encoding") or "", data.get("delimiter") or "", data.get("header"))


class Imports(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(responses=ImportPage)
    def get(self, request: Request, pk: int) -> Response:
        """List the project's imports, newest first."""
        project = project_for(cast(User, request.user), pk, "lead")
        pages = CursorPagination("-pk")
        rows = pages.page_of(Import.objects.filter(project=project).select_related("created_by"), request)
        working = jobs.worker_is_there()
        return pages.get_paginated_response([import_out(row, working) for row in rows])

    @extend_schema(
        request={"multipart/form-data": ImportIn},
        responses={202: ImportOut, 200: OpenApiResponse(ImportOut, description="A draft: start it with its mapping.")},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Upload a file. It is started at once, with `mapping` or as guessed; with `preview` it stays a draft.

        It also stays a draft (200) when no column is a text for certain: then say the mapping to start it.
        """
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        _check_length(request)
        given = ImportIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        mapping = _json(data.get("mapping"))
        run = importing.create_import(project, user, cast("UploadedFile[Any]", data["file"]), _hints(data))
        if data["preview"] or (mapping is None and not importing.is_certain(run)):
            return Response({**import_out(run, jobs.worker_is_there()), "preview": importing.preview(run)})
        try:
            importing.start(run, mapping)
        except ImportRefused:
            importing.discard(run)
            raise
        return Response(import_out(run, jobs.worker_is_there()), status=status.HTTP_202_ACCEPTED)


def _check_length(request: Request) -> None:
    """Refuse what is too large before it is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > settings.UPLOAD_MAX_BYTES + MULTIPART_OVERHEAD:
        raise importing.too_large()


def _json(value: Any) -> Any:
    """A JSON field of a multipart form comes as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else None
    except ValueError:
        raise InvalidRequest(gettext("mapping is not valid JSON.")) from None


class ImportDetail(APIView):
    parser_classes = [JSONParser]

    @extend_schema(responses=ImportOut)
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far an import is; a draft comes with its preview."""
        row = import_for(cast(User, request.user), pk, run)
        body = import_out(row, jobs.worker_is_there()) | {"first_rejects": first_rejects(row)}
        if row.status == RunStatus.DRAFT:
            body["preview"] = importing.preview(row)
        return Response(body)

    @extend_schema(request=HintsIn, responses=ImportOut)
    def patch(self, request: Request, pk: int, run: int) -> Response:
        """Read a draft anew with another format, encoding, delimiter or header."""
        row = import_for(cast(User, request.user), pk, run)
        given = HintsIn(data=request.data)
        given.is_valid(raise_exception=True)
        importing.look_again(row, _hints(given.validated_data))
        return Response({**import_out(row, jobs.worker_is_there()), "preview": importing.preview(row)})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, run: int) -> Response:
        """Forget a draft and its file."""
        importing.discard(import_for(cast(User, request.user), pk, run))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ImportStart(APIView):
    parser_classes = [JSONParser]

    @extend_schema(request=StartIn, responses={202: ImportOut})
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Start a draft, with a mapping or as guessed."""
        row = import_for(cast(User, request.user), pk, run)
        given = StartIn(data=request.data)
        given.is_valid(raise_exception=True)
        importing.start(row, given.validated_data.get("mapping"))
        return Response(import_out(row, jobs.worker_is_there()), status=status.HTTP_202_ACCEPTED)


class ImportRejects(APIView):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int, run: int) -> StreamingHttpResponse:
        """The rows that were not added, as CSV: row, kind, reason, excerpt."""
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
            safe = [f"'{text}" if text.startswith(AT_START_OF_FORMULA) else text for text in texts]
            yield writer.writerow([row, kind, *safe])
        last = block[-1][0]


class Exports(APIView):
    @extend_schema(responses=ExportPage)
    def get(self, request: Request, pk: int) -> Response:
        """List the project's exports, newest first."""
        project = project_for(cast(User, request.user), pk, "lead")
        pages = CursorPagination("-pk")
        rows = pages.page_of(Export.objects.filter(project=project).select_related("created_by"), request)
        working = jobs.worker_is_there()
        return pages.get_paginated_response([export_out(row, working) for row in rows])

    @extend_schema(request=ExportIn, responses={202: ExportOut})
    def post(self, request: Request, pk: int) -> Response:
        """Have an export made in the background."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        given = ExportIn(data=request.data)
        given.is_valid(raise_exception=True)
        run = exporting.create_export(
            project, user, given.validated_data["format"], cast(dict[str, Any], request.data).get("filters")
        )
        return Response(export_out(run, jobs.worker_is_there()), status=status.HTTP_202_ACCEPTED)


class ExportDetail(APIView):
    @extend_schema(responses=ExportOut)
    def get(self, request: Request, pk: int, run: int) -> Response:
        """How far an export is."""
        return Response(export_out(export_for(cast(User, request.user), pk, run), jobs.worker_is_there()))


class OnlyJson(BaseContentNegotiation):
    """`?format=` is the format of the file here, not that of the answer."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportPreview(APIView):
    content_negotiation_class = OnlyJson

    @extend_schema(
        parameters=[
            OpenApiParameter("format", enum=list(WRITABLE)),
            OpenApiParameter("answers", enum=export_table.ANSWERS),
            OpenApiParameter("unlabelled", bool),
        ],
        responses=ExportPreviewOut,
    )
    def get(self, request: Request, pk: int) -> Response:
        """The first rows of an export with these options."""
        project = project_for(cast(User, request.user), pk, "lead")
        given = ExportPreviewIn(data=request.query_params)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        filters = export_table.Filters(data["answers"], data["unlabelled"])
        return Response(exporting.preview(project, data["format"], filters))


class ExportDownload(APIView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, run: int) -> FileResponse:
        """The file."""
        row = export_for(cast(User, request.user), pk, run)
        if row.status != RunStatus.DONE:
            raise Conflict(gettext("This export is not finished yet."))
        form = WRITABLE[row.format]
        name = f"margin-{row.project_id}-export-{row.pk}{form.suffix}"
        return FileResponse(row.file.open("rb"), as_attachment=True, filename=name, content_type=form.content_type)
