"""What annotators will see, for whoever makes a project: the widgets themselves, about an item that is made up."""

from collections.abc import Mapping
from typing import Any

from django.templatetags.static import static

from annotation.i18n import label_words, translate
from annotation.labels import label_set
from annotation.tasktypes import TASK_TYPES
from annotation.views.annotate import label_out

SHEETS = ("annotate", *dict.fromkeys(sheet for kind in TASK_TYPES.values() for sheet in kind.styles))


def preview_context(task_type: str = "") -> dict[str, Any]:
    """Return what the template needs for one task type, or for all while it is not chosen."""
    kinds = [kind for kind in TASK_TYPES.values() if task_type in ("", kind.name)]
    return {
        "sample": {
            "task_type": task_type,
            "picture": static("img/sample.svg"),
            "kinds": {
                kind.name: {
                    "widget": kind.widget,
                    "content": _translate_content(kind.example),
                    "labels": [label_out(label) for label in label_set.built_in_labels(kind)],
                    "words": label_words(kind.name),
                    "scale": not kind.answer.has_labels,
                }
                for kind in kinds
            },
        },
        "sample_styles": [f"css/components/{name}.css" for name in SHEETS],
    }


def _translate_content(content: object) -> object:
    """Return the content with all its words, names of columns too, in the reader's language."""
    if isinstance(content, Mapping):
        return {translate(name): _translate_content(value) for name, value in content.items()}
    return translate(content) if isinstance(content, str) else content
