"""The labels inside a canonical value of any answer kind: under `label` and `labels`, or the number itself. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.tasktypes.answers import AnswerKind, rating
from annotation.tasktypes.answers.number_scale import plain_text


def label_names_in(value: object) -> Iterator[str]:
    """Walk a value and yield the labels that it names, as often as it names them.

    >>> list(label_names_in({"spans": [{"start": 0, "end": 3, "label": "PER"}]}))
    ['PER']
    """
    if isinstance(value, list):
        for part in value:
            yield from label_names_in(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key == "label":
                yield part
            elif key == "labels":
                yield from part
            elif key == rating.RATING_KEY:
                yield plain_text(part)
            else:
                yield from label_names_in(part)


def rename_labels(answer: AnswerKind, value: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a canonical value with labels renamed, canonical again; what two names made two becomes one.

    Numbers of a scale have no other name: they stay.

    >>> from annotation.tasktypes.answers import LabelSet
    >>> rename_labels(LabelSet(), {"labels": ["a", "b"]}, {"a": "c", "b": "c"})
    {'labels': ['c']}
    """
    if names.keys().isdisjoint(label_names_in(value)):
        return value
    return answer.value(answer.target(_replace_names(value, names)))


def _replace_names(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for key, part in value.items():
        if key == "label":
            changed[key] = names.get(part, part)
        elif key == "labels":
            changed[key] = _without_duplicates([names.get(name, name) for name in part])
        elif isinstance(part, list):
            changed[key] = _without_duplicates([_replace_names(component, names) for component in part])
        else:
            changed[key] = part
    return changed


def _without_duplicates(parts: list[Any]) -> list[Any]:
    """Leave out what equals an earlier one."""
    return list({repr(part): part for part in reversed(parts)}.values())[::-1]
