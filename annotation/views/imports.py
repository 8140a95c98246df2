"""Data in: choose a file, confirm what its columns are, watch it come in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation import jobs
from annotation.access import import_for, project_page
from annotation.api.transfers import first_rejects, import_out
from annotation.formats import DELIMITERS, ENCODINGS, IMAGES, JOINED, TITLES
from annotation.i18n import translated
from annotation.imports import importing
from annotation.models import Import, Project, RunStatus
from annotation.tasktypes import FIELDS

MAX_SHOWN = 50
EXAMPLE_LABELS = ("ham", "spam")


@require_safe
@project_page("lead")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    rows = Import.objects.filter(project=project).select_related("created_by")[:MAX_SHOWN]
    working = jobs.worker_is_there()
    scale = project.kind.scale
    labels = [*project.label_names()[:2], *EXAMPLE_LABELS][:2]
    context = {
        "project": project,
        "imports": [import_out(row, working) for row in rows],
        "worker_running": working,
        "upload_max": settings.UPLOAD_MAX_BYTES,
        "example_labels": labels if scale is None else [f"{end:g}" for end in (scale.low, scale.high)],
        "takes_columns": project.kind.takes_columns,
        "wants_boxes": project.kind.name == "boxes",
        "wants_images": "image" in project.kind.required_content,
        "wants_sides": "left" in project.kind.required_content,
        "wants_pairs": "thing" in project.kind.required_content,
    }
    return render(request, "annotation/imports/index.html", context)


@require_safe
@project_page("lead")
def show(request: HttpRequest, project: Project, run: int) -> HttpResponse:
    row = import_for(request.user, project.pk, run)
    context: dict[str, Any] = {"project": project, "run": import_out(row, jobs.worker_is_there())}
    context |= {"name": row.name, "first_rejects": first_rejects(row)}
    context["makes_no_labels"] = bool(row.mapping.get("label")) and row.mapping.get("create_labels") is False
    if row.status == RunStatus.DRAFT:
        context |= _draft(project, row)
    return render(request, "annotation/imports/show.html", context)


def _wordiest(preview: dict[str, Any], mapping: dict[str, Any]) -> str | None:
    """The column with the longest cells that is nothing else: offered as the text, for a person to confirm."""
    taken = {mapping.get("id"), mapping.get("label"), *mapping["hidden"]}
    length = {
        name: sum(len(row[n]) for row in preview["rows"])
        for n, name in enumerate(preview["columns"])
        if name not in taken
    }
    return max(length, key=lambda name: length[name], default=None)


def _draft(project: Project, row: Import) -> dict[str, Any]:
    preview = importing.preview(row)
    mapping = preview["mapping"]
    roles = [*project.kind.required_content, "id", "label"]
    if "text" in project.kind.required_content and not mapping.get("text"):
        mapping = {**mapping, "text": _wordiest(preview, mapping)}
    used = {mapping.get(role): role for role in roles if mapping.get(role)} | dict.fromkeys(mapping["hidden"], "hidden")
    takes_columns = project.kind.takes_columns
    used |= dict.fromkeys(mapping.get(FIELDS) or (), FIELDS)
    rest = FIELDS if takes_columns and not mapping.get(FIELDS) else "meta"
    return {
        "preview": preview,
        "columns": [{"name": name, "role": used.get(name, rest)} for name in preview["columns"]],
        "content_roles": project.kind.required_content,
        "takes_columns": takes_columns,
        "encodings": sorted({*ENCODINGS, preview["encoding"]}),
        "delimiters": DELIMITERS,
        "formats": [(name, translated(title)) for name, title in TITLES.items() if name not in (IMAGES, JOINED)],
        "has_labels": bool(project.label_names()),
        "makes_labels": project.kind.scale is None,
    }
