"""The labels inside a canonical value of any task type: under `label` and `labels`, or the number itself. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.tasktypes import rating_scale
from annotation.tasktypes.contract import TaskType
from annotation.tasktypes.scale import written


def names_in(value: Any) -> Iterator[str]:
    """Walk a value and yield the labels that it names, as often as it names them.

    >>> list(names_in({"spans": [{"start": 0, "end": 3, "label": "PER"}]}))
    ['PER']
    """
    if isinstance(value, list):
        for part in value:
            yield from names_in(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key == "label":
                yield part
            elif key == "labels":
                yield from part
            elif key == rating_scale.KEY:
                yield written(part)
            else:
                yield from names_in(part)


def renamed(kind: TaskType, value: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a canonical value with labels renamed, canonical again; what two names made two becomes one.

    Numbers of a scale have no other name: they stay.

    >>> from annotation.tasktypes import TASK_TYPES
    >>> renamed(TASK_TYPES["text_multilabel"], {"labels": ["a", "b"]}, {"a": "c", "b": "c"})
    {'labels': ['c']}
    """
    if names.keys().isdisjoint(names_in(value)):
        return value
    return kind.value(kind.target(_walk(value, names)))


def _walk(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return _once([_walk(part, names) for part in value])
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, part in value.items():
        if key == "label":
            found[key] = names.get(part, part)
        elif key == "labels":
            found[key] = _once([names.get(name, name) for name in part])
        else:
            found[key] = _walk(part, names)
    return found


def _once(parts: list[Any]) -> list[Any]:
    """Leave out what equals an earlier one."""
    return list({repr(part): part for part in reversed(parts)}.values())[::-1]
