"""Say in the reader's language what pure modules put in words, and what stands in English in the database."""

from django.utils.translation import gettext

from annotation.lazy_text import LazyText
from annotation.tasktypes import TASK_TYPES


def translate(message: str) -> str:
    """Return the message in the language of the moment; what has no translation stays as it is."""
    if isinstance(message, LazyText) and message.values:
        return gettext(message.pattern) % {name: _translate_value(value) for name, value in message.values.items()}
    return gettext(message) if message else ""


def label_words(task_type: str) -> dict[str, str]:
    """Return what people read for the labels that a task type brings; labels that a project made have none."""
    return {name: translate(words) for name, words in TASK_TYPES[task_type].label_words.items()}


def _translate_value(value: object) -> object:
    return translate(value) if isinstance(value, LazyText) else value
