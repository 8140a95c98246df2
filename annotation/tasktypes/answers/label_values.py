"""Reading {"labels": [...]} and uploaded labels: what answers of one label and of several share."""

import re
from collections.abc import Mapping, Sequence

from annotation.errors import InvalidValue
from annotation.json_values import cell_text
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.contract import AnswerContext
from annotation.tasktypes.answers.json_cells import parse_list_cell
from annotation.text.label_text import canonical_name

LIST_KEYS = ("choices", "labels")  # of objects that hold a list of labels, as other tools export them
_WHOLE_NUMBER = re.compile(r"-?\d+\.0")
MAX_NAMED_LABELS = 1000  # in one answer; a project has fewer


def read_labels(value: object, context: AnswerContext) -> list[str]:
    """Return the names in {"labels": [...]}, each a label of the project; raises InvalidValue that names the part."""
    if not isinstance(value, Mapping) or set(value) != {"labels"}:
        raise InvalidValue(_('An answer has the form {"labels": ["name"]}.'), {"part": "value"})
    names = value["labels"]
    if not isinstance(names, list | tuple):
        raise InvalidValue(_('An answer has the form {"labels": ["name"]}.'), {"part": "value.labels"})
    if len(names) > MAX_NAMED_LABELS:
        raise InvalidValue(_("An answer has at most %(most)d labels.", most=MAX_NAMED_LABELS), {"part": "value.labels"})
    return [known_label(name, context, f"value.labels[{index}]") for index, name in enumerate(names)]


def known_label(name: object, context: AnswerContext, part: str) -> str:
    """Return the name of the label that this is, composed (NFC) or not; raises InvalidValue that names the part."""
    if not context.labels:
        message = _("%(name)r is not a label of this project: it has none yet.", name=str(name)[:100])
        raise InvalidValue(message, {"part": part})
    if isinstance(name, str):
        if name in context.labels:
            return name
        if (canonical := canonical_name(name)) in context.labels:
            return canonical
    message = _(
        "%(name)r is not a label of this project; its labels are: %(labels)s.",
        name=str(name)[:100],
        labels=", ".join(context.labels),
    )
    raise InvalidValue(message, {"part": part})


def listed_labels(value: object) -> list[str] | None:
    """Return the labels that an uploaded list holds; None where the value is no list. Raises InvalidValue.

    >>> listed_labels(["a", 1, True]), listed_labels('{"choices": ["a", "b"]}'), listed_labels([]), listed_labels("a")
    (['a', '1', 'true'], ['a', 'b'], [], None)
    """
    items = parse_list_cell(value) if isinstance(value, str) else value
    if isinstance(items, dict):
        items = next((items[key] for key in LIST_KEYS if isinstance(items.get(key), list)), items)
    if not isinstance(items, list | dict):
        return None
    if isinstance(items, dict) or any(isinstance(item, list | dict) for item in items):
        raise InvalidValue(_("A label is a text, not an object or a list of lists."), {"part": "value.labels"})
    names = (label_text(item) for item in items)
    return list(dict.fromkeys(name for name in names if name))


def label_text(value: object) -> str:
    """Return an uploaded value as the name of a label: 1.0, which programs make of 1 in a column with gaps, is 1.

    >>> label_text(" spam "), label_text(1.0), label_text(1.5), label_text(None)
    ('spam', '1', '1.5', '')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return cell_text(value).strip()


def matching_label(name: str, labels: Sequence[str]) -> str:
    """Return the label that a name means: itself, or one that is the same truth value or whole number.

    >>> matching_label("True", ["true", "false"]), matching_label("1.0", ["1"]), matching_label("Spam", ["spam"])
    ('true', '1', 'Spam')
    """
    if name in labels:
        return name
    plain = _plain_value(name)
    return next((label for label in labels if _plain_value(label) == plain), name)


def _plain_value(name: str) -> str:
    if _WHOLE_NUMBER.fullmatch(name):
        return name.removesuffix(".0")
    return name.lower() if name.lower() in ("true", "false") else name
