"""Reading {"labels": [...]}: what answers of one label and of several share."""

from collections.abc import Mapping

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.contract import AnswerContext
from annotation.text.label_text import canonical_name

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
