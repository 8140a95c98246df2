"""Say in the reader's language what pure modules put in words, and what stands in English in the database."""

from django.utils.translation import gettext

from annotation.lazy_text import LazyText
from annotation.tasktypes import TASK_TYPES


def translated(message: str) -> str:
    """Return the message in the language of the moment; what has no translation stays as it is."""
    if isinstance(message, LazyText) and message.values:
        return gettext(message.pattern) % {name: _value(value) for name, value in message.values.items()}
    return gettext(message) if message else ""


def label_words(task_type: str) -> dict[str, str]:
    """Return what people read for the labels that a task type brings; labels that a project made have none."""
    return {name: translated(words) for name, words in TASK_TYPES[task_type].label_words.items()}


def _value(value: object) -> object:
    return translated(value) if isinstance(value, LazyText) else value
