"""What annotators will see, for whoever makes a project: the widgets themselves, about an item that is made up."""

from collections.abc import Mapping
from typing import Any

from django.templatetags.static import static

from annotation import projects
from annotation.tasktypes import OWN_LABELS, TASK_TYPES
from annotation.tasktypes.samples import SAMPLES
from annotation.translation import label_words, translated
from annotation.views.annotate import STYLES

SHEETS = ("annotate", *dict.fromkeys(sheet for sheets in STYLES.values() for sheet in sheets))


def context(task_type: str = "") -> dict[str, Any]:
    """Return what the template needs for one task type, or for all while it is not chosen."""
    kinds = [kind for kind in TASK_TYPES.values() if kind.name in SAMPLES and task_type in ("", kind.name)]
    return {
        "sample": {
            "task_type": task_type,
            "picture": static("img/sample.svg"),
            "kinds": {
                kind.name: {
                    "widget": kind.widget,
                    "content": _in_words(SAMPLES[kind.name]),
                    "labels": [_own_label(n, name) for n, name in enumerate(OWN_LABELS.get(kind.name, ()))],
                    "words": label_words(kind.name),
                    "scale": kind.scale is not None,
                }
                for kind in kinds
            },
        },
        "sample_styles": [f"css/components/{name}.css" for name in SHEETS],
    }


def _in_words(content: Any) -> Any:
    """Return the content with all its words, names of columns too, in the reader's language."""
    if isinstance(content, Mapping):
        return {translated(name): _in_words(value) for name, value in content.items()}
    return translated(content) if isinstance(content, str) else content


def _own_label(place: int, name: str) -> dict[str, str]:
    """A label as `projects` makes it where a lead names none."""
    color = projects.PALETTE[place % len(projects.PALETTE)]
    return {"name": name, "key": projects.KEYS[place], "color": color, "description": ""}
