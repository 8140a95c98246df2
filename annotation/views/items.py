"""Items to browse, filter and search; one item with all that was said about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from rest_framework.request import Request

from annotation.access import item_for, project_page
from annotation.api.items import ItemFilterIn
from annotation.api.pagination import CursorPagination
from annotation.exports.column_order import record_columns_in_order
from annotation.formats import cell_text
from annotation.models import Annotation, Item, Label, Project, Reason, Split, User
from annotation.projects import item_filters
from annotation.projects.item_filters import ItemFilter, ItemVisibility
from annotation.tasktypes import FIELDS
from annotation.views.annotate import label_out
from annotation.views.images import image_address


@dataclass(frozen=True)
class ShownAnswer:
    """An annotation with the labels it names, for showing."""

    annotation: Annotation
    reason: str  # why the item was chosen, in words
    labels: list[Label]
    suggested: str  # empty: nothing was suggested, or this person may not see it


@dataclass(frozen=True)
class ListedItem:
    item: Item
    text: str
    external_id: str
    thumb: str  # address of its picture; empty: it has none
    answers: list[ShownAnswer]


def _item_text(item: Item, viewer: ItemVisibility, columns: Sequence[str]) -> str:
    """What an item mainly is, in words; `columns` are those of the project's records in their order."""
    if "image" in item.content:
        return viewer.id_of(item) or gettext("Image %(number)d") % {"number": item.position + 1}
    fields = item.content.get(FIELDS)
    if isinstance(fields, dict):
        names = dict.fromkeys([*(name for name in columns if name in fields), *fields])
        return "; ".join(f"{name}: {cell_text(fields[name])}" for name in names)
    texts = [item.content.get(column.key) for column in viewer.project.kind.content.columns if column.is_prose]
    if texts and all(isinstance(text, str) for text in texts):
        return " | ".join(texts)
    return json.dumps(item.content, ensure_ascii=False)


def _picture_address(item: Item, size: str) -> str:
    return image_address(item, size) if "image" in item.content else ""


def _shown_answer(annotation: Annotation, labels: dict[str, Label], viewer: ItemVisibility) -> ShownAnswer:
    kind = viewer.project.kind
    names = dict.fromkeys(kind.answer.words(annotation.value) if annotation.value else ())
    shown = item_filters.shows_suggestion(annotation, viewer)
    suggested = kind.answer.words(annotation.suggestion) if shown and annotation.suggestion else ()

    def label(name: str) -> Label:
        return labels.get(name) or Label(project=viewer.project, name=name)

    reason = str(Reason(item_filters.shown_reason_of(annotation, viewer)).label)
    return ShownAnswer(
        annotation, reason, [label(name) for name in names], ", ".join(label(name).words for name in suggested)
    )


def _boxes_with_colors(answers: Sequence[ShownAnswer], labels: dict[str, Label]) -> list[dict[str, Any]]:
    """The boxes of the newest answer that stands, each with its label's colour, to be drawn over the picture."""
    standing = (one.annotation.value or {} for one in answers if one.annotation.live and one.annotation.value)
    boxes = next(standing, {}).get("boxes", [])
    colors = {name: label_out(label)["color"] for name, label in labels.items()}
    return [{**box, "color": colors.get(box["label"], "")} for box in boxes]


@project_page("annotate")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    viewer = ItemVisibility.for_user(cast(User, request.user), project)
    filled_in = QueryDict(mutable=True)
    names = list(ItemFilterIn().get_fields())
    filled_in.update({name: value for name in names if (value := request.GET.get(name))})
    asked = ItemFilterIn(data=filled_in)
    chosen = ItemFilter(**asked.validated_data) if asked.is_valid() else ItemFilter()
    if not viewer.sees_all:
        chosen = replace(chosen, split="")
    pages = CursorPagination("position")
    found = item_filters.prefetch_seen_answers(chosen.items(viewer), viewer)
    rows: list[Any] = pages.page_of(found, Request(request))
    labels = {label.name: label for label in project.labels.all()}
    columns = record_columns_in_order(project)
    context = {
        "project": project,
        "viewer": viewer,
        "rows": [
            ListedItem(
                row,
                _item_text(row, viewer, columns),
                viewer.id_of(row),
                _picture_address(row, "thumb"),
                [_shown_answer(a, labels, viewer) for a in row.seen],
            )
            for row in rows
        ],
        "next": pages.get_next_link(),
        "previous": pages.get_previous_link(),
        "chosen": chosen,
        "filtered": chosen != ItemFilter(),
        "errors": asked.errors,
        "labels": labels,
        "answer_kind": project.kind.answer,
        "splits": Split.choices if viewer.sees_all else [],
        "people": _annotator_names(viewer),
    }
    return render(request, "annotation/items/index.html", context)


def _annotator_names(viewer: ItemVisibility) -> list[str]:
    """Names to filter by; for annotators none, as they see their own answers only."""
    if not viewer.sees_all:
        return []
    return list(viewer.project.memberships.order_by("user__username").values_list("user__username", flat=True))


@project_page("annotate")
def show(request: HttpRequest, project: Project, item: int) -> HttpResponse:
    row = item_for(request.user, project.pk, item)
    viewer = ItemVisibility.for_user(cast(User, request.user), project)
    labels = {label.name: label for label in project.labels.all()}
    others = project.items.order_by("position").values_list("pk", flat=True)
    context = {
        "project": project,
        "viewer": viewer,
        "item": row,
        "picture": _picture_address(row, "screen"),
        "picture_full": _picture_address(row, "full"),
        "text": _item_text(row, viewer, record_columns_in_order(project)),
        "external_id": viewer.id_of(row),
        "answers": (
            answers := [_shown_answer(a, labels, viewer) for a in item_filters.annotation_history_of(row, viewer)]
        ),
        "boxes": _boxes_with_colors(answers, labels),
        "before": others.filter(position=row.position - 1).first() if row.position else None,
        "after": others.filter(position=row.position + 1).first(),
    }
    return render(request, "annotation/items/show.html", context)
