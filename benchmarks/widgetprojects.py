"""A project for each widget, and some at the size that is promised: what benchmarks/widgets.py works on."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Item, Project, QueueEntry, User
from annotation.projects import projects

LABELS = [{"name": name} for name in ("cell", "dust", "hair")]
SHOWN = {"suggestion": "shown", "withhold_share": 0.0}
NEWS = "Shares rose on Friday after the company said its costs had fallen. " * 6
CHARACTERS, SPANS, BOXES = 10_000, 500, 300
LONG_ITEMS = 12

Content = dict[str, Any]
Suggested = tuple[Content, dict[str, Any]]  # an item and what the model suggests about it


def make(items: int) -> dict[str, int]:
    """Make the user of the benchmarks and all projects; return their ids by name."""
    user = User.objects.create_user("bench", password="bench-password")
    small = {
        name: _project(user, name, name, [(one, None) for one in _contents(name, items)], {})
        for name in (
            "text_classification",
            "text_multilabel",
            "records",
            "record_numbers",
            "spans",
            "ratings",
            "preference",
        )
    }
    small |= {
        name: _pictures(user, name, name, [_jpeg(n, 1600, 1200) for n in range(items)], None)
        for name in ("image_classification", "boxes")
    }
    return small | {
        "long texts": _project(user, "long texts", "spans", list(_long_texts()), SHOWN),
        "large image": _pictures(user, "large image", "image_classification", [_jpeg(0, 4000, 3000)], None),
        "many boxes": _pictures(user, "many boxes", "boxes", [_jpeg(1, 4000, 3000)], {"boxes": _boxes()}),
    }


def _contents(task_type: str, items: int) -> Iterator[Content]:
    for n in range(items):
        if task_type in ("records", "record_numbers"):
            yield {"fields": {f"column {k}": f"{(n * 7919 + k) % 1000}" for k in range(20)}}
        elif task_type == "ratings":
            yield {"user": f"u{n % 9}", "thing": f"m{n}", "fields": {"title": f"Film {n}", "year": str(1920 + n)}}
        elif task_type == "preference":
            fields = {"left.title": f"Film {n}", "right.title": NEWS[:n]}
            yield {"left": f"m{n}", "right": f"m{n + 1}", "fields": fields}
        else:
            yield {"text": f"Item {n}. {NEWS}"}


def _long_texts() -> Iterator[Suggested]:
    """Texts with a span on every fourth word; words of five letters, so that 2,000 of them make 10,000 characters."""
    rng = np.random.default_rng(0)
    for _ in range(LONG_ITEMS):
        letters = rng.choice(list("abcdefghiklmnorstu"), (CHARACTERS // 5, 4))
        text = " ".join("".join(word) for word in letters)
        starts = range(0, CHARACTERS, CHARACTERS // SPANS)
        spans = [{"start": at, "end": at + 4, "label": LABELS[n % 3]["name"]} for n, at in enumerate(starts)]
        yield {"text": text}, {"spans": spans}


def _boxes() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    corners = rng.integers(0, (3800, 2800), (BOXES, 2))
    sides = np.hstack([corners, rng.integers(60, 200, (BOXES, 2))])
    return [dict(zip("xywh", map(float, row), strict=True), label=LABELS[n % 3]["name"]) for n, row in enumerate(sides)]


def _jpeg(seed: int, width: int, height: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (height // 10, width // 10, 3), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def _pictures(user: User, name: str, task_type: str, raws: list[bytes], suggestion: Mapping[str, Any] | None) -> int:
    project = projects.create_project(user, name, task_type, LABELS, settings=SHOWN)
    return _fill(project, [(image_storage.store_image(project.pk, raw), suggestion) for raw in raws])


def _project(user: User, name: str, task_type: str, items: list[tuple[Content, Any]], settings: dict[str, Any]) -> int:
    labels = [] if task_type in ("record_numbers", "ratings", "preference") else LABELS
    return _fill(projects.create_project(user, name, task_type, labels, settings=settings), items)


def _fill(project: Project, items: list[tuple[Content, Any]]) -> int:
    rows = Item.objects.bulk_create(
        Item(project=project, position=n, content=content, content_hash=content_hash(content))
        for n, (content, _) in enumerate(items)
    )
    Project.objects.filter(pk=project.pk).update(item_count=len(rows))
    ranked = {"reason": "uncertain", "slot": 0, "suggestion_score": 0.5}
    QueueEntry.objects.bulk_create(
        QueueEntry(project=project, item=row, rank=n, suggestion=value, **ranked)
        for n, (row, (_, value)) in enumerate(zip(rows, items, strict=True))
        if value
    )
    return project.pk
