"""Data out: choose what goes into the file, see its first rows, download it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation import jobs
from annotation.access import project_page
from annotation.api.exports import export_out
from annotation.exports.exporting import formats_for
from annotation.i18n import translate
from annotation.models import Export, Project

MAX_SHOWN = 50


@require_safe
@project_page("lead")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    rows = Export.objects.filter(project=project).select_related("created_by")[:MAX_SHOWN]
    working = jobs.worker_is_running()
    context = {
        "project": project,
        "exports": [export_out(row, worker_running=working) for row in rows],
        "worker_running": working,
        "formats": [(name, translate(form.title)) for name, form in formats_for(project.kind.answer).items()],
    }
    return render(request, "annotation/exports/index.html", context)
