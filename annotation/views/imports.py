"""Data in: choose a file, confirm what its columns are, watch it come in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotation import jobs
from annotation.access import import_for, project_page
from annotation.api.imports import first_rejects, import_out
from annotation.formats import DELIMITERS, ENCODINGS, IMAGE_ARCHIVE, TABLE_ARCHIVE, TITLES
from annotation.formats.column_inference import EXCLUSION_REASON, TITLE
from annotation.i18n import translate
from annotation.imports import importing
from annotation.models import Import, JobStatus, Project
from annotation.tasktypes import FIELDS

MAX_SHOWN = 50
EXAMPLE_LABELS = ("ham", "spam")


@require_safe
@project_page("lead")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    rows = Import.objects.filter(project=project).select_related("created_by")[:MAX_SHOWN]
    working = jobs.worker_is_running()
    kind = project.kind
    example_cells = kind.answer.example_cells([*project.label_names(), *EXAMPLE_LABELS])
    context = {
        "project": project,
        "imports": [import_out(row, worker_running=working) for row in rows],
        "worker_running": working,
        "upload_max": settings.UPLOAD_MAX_BYTES,
        "archive": kind.content.archive,
        "example": [(translate(words), lines) for words, lines in kind.upload_example.lines(example_cells)],
        "example_hint": translate(kind.upload_example.hint),
    }
    return render(request, "annotation/imports/index.html", context)


@require_safe
@project_page("lead")
def show(request: HttpRequest, project: Project, run: int) -> HttpResponse:
    row = import_for(request.user, project.pk, run)
    context: dict[str, Any] = {"project": project, "run": import_out(row, worker_running=jobs.worker_is_running())}
    context |= {"name": row.name, "first_rejects": first_rejects(row)}
    context["makes_no_labels"] = bool(row.mapping.get("label")) and row.mapping.get("create_labels") is False
    if row.status == JobStatus.DRAFT:
        context |= _draft_context(project, row)
    return render(request, "annotation/imports/show.html", context)


def _with_prose_columns(project: Project, preview: dict[str, Any], mapping: dict[str, Any]) -> dict[str, Any]:
    """Offer the columns with the longest cells as the texts for which none was found: for a person to confirm."""
    missing = [column.key for column in project.kind.content.columns if column.is_prose and not mapping.get(column.key)]
    single_roles = (*project.kind.content.keys, *importing.optional_roles(project))
    taken = {mapping.get(role) for role in single_roles} | {*mapping["hidden"]}
    length = {
        name: sum(len(row[n]) for row in preview["rows"])
        for n, name in enumerate(preview["columns"])
        if name not in taken
    }
    longest = sorted(length, key=lambda name: length[name], reverse=True)[: len(missing)]
    in_order = [name for name in preview["columns"] if name in longest]
    return {**mapping, **dict(zip(missing, in_order, strict=False))}


def _draft_context(project: Project, row: Import) -> dict[str, Any]:
    preview = importing.preview_draft(row)
    content = project.kind.content
    mapping = _with_prose_columns(project, preview, preview["mapping"])
    optional_roles = {TITLE: _("Title, put before the text"), EXCLUSION_REASON: _("Reason for exclusion")}
    offered = importing.optional_roles(project)
    further_roles = [(role, title) for role, title in optional_roles.items() if role in offered]
    roles = [*content.keys, "id", "label", *(role for role, _title in further_roles)]
    used = {mapping.get(role): role for role in roles if mapping.get(role)} | dict.fromkeys(mapping["hidden"], "hidden")
    used |= dict.fromkeys(mapping.get(FIELDS) or (), FIELDS)
    rest = FIELDS if content.has_fields and not mapping.get(FIELDS) else "meta"
    return {
        "preview": preview,
        "columns": [{"name": name, "role": used.get(name, rest)} for name in preview["columns"]],
        "content_roles": [(column.key, translate(column.title)) for column in content.columns],
        "further_roles": further_roles,
        "takes_columns": content.has_fields,
        "encodings": sorted({*ENCODINGS, preview["encoding"]}),
        "delimiters": DELIMITERS,
        "formats": [
            (name, translate(title)) for name, title in TITLES.items() if name not in (IMAGE_ARCHIVE, TABLE_ARCHIVE)
        ],
        "has_labels": bool(project.label_names()),
        "makes_labels": project.kind.answer.has_labels,
    }
