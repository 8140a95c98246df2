"""Cancel an import or an export that waits or runs. For leads."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import jobs
from annotation.access import export_for, import_for
from annotation.api.transfers import ExportOut, ImportOut, export_out, import_out
from annotation.models import User


class ImportCancel(APIView):
    @extend_schema(request=None, responses=ImportOut)
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Cancel an import; its rows so far stay. One that runs ends in a moment; one that has ended stays as it is."""
        row = import_for(cast(User, request.user), pk, run)
        jobs.cancel(row)
        return Response(import_out(row, jobs.worker_is_running()))


class ExportCancel(APIView):
    @extend_schema(request=None, responses=ExportOut)
    def post(self, request: Request, pk: int, run: int) -> Response:
        """Cancel an export; no file is kept. One that runs ends in a moment; one that has ended stays as it is."""
        row = export_for(cast(User, request.user), pk, run)
        jobs.cancel(row)
        return Response(export_out(row, jobs.worker_is_running()))
