"""Labelled spans of a text. Value: {"spans": [{"start": 0, "end": 5, "label": "PER"}]}.

Offsets count code points and the end is exclusive. Sorted by start, end and label.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from annotation.errors import InvalidValue
from annotation.json_values import CANONICAL
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.components import Components
from annotation.tasktypes.answers.contract import AnswerContext, Component
from annotation.tasktypes.answers.json_cells import read_list
from annotation.tasktypes.answers.label_values import known_label, label_text

MAX_SPANS = 10_000  # of one answer
SPAN_KEYS = {"start", "end", "label"}
OFFSET_KEYS = {"start_offset": "start", "end_offset": "end"}  # doccano's names
READ_KEYS = {*SPAN_KEYS, *OFFSET_KEYS, "labels"}  # of uploaded spans; Label Studio has a list of labels
EXPECTED_FORM = _('An answer has the form {"spans": [{"start": 0, "end": 5, "label": "name"}]}.')


class Spans(Components):
    """Any number of labelled stretches of a text; they are the same where both ends and the label are."""

    reads_content = True
    settings = ("spans_overlap",)

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"spans": [...]} against the labels, the text and, unless `spans_overlap` is set, each other.

        >>> text = {"text": "Ada in Paris"}
        >>> Spans().clean({"spans": [{"start": 0, "end": 3, "label": "PER"}]}, AnswerContext(["PER"], text))
        {'spans': [{'start': 0, 'end': 3, 'label': 'PER'}]}
        """
        if not isinstance(value, Mapping) or set(value) != {"spans"}:
            raise InvalidValue(EXPECTED_FORM, {"part": "value"})
        if not isinstance(value["spans"], list | tuple):
            raise InvalidValue(EXPECTED_FORM, {"part": "value.spans"})
        if len(value["spans"]) > MAX_SPANS:
            raise InvalidValue(_("An answer has at most %(most)d spans.", most=MAX_SPANS), {"part": "value.spans"})
        spans = [_clean_span(span, context, f"value.spans[{index}]") for index, span in enumerate(value["spans"])]
        order = sorted(range(len(spans)), key=lambda index: _span_sort_key(spans[index]))
        _check_neighbours(spans, order, may_overlap=bool(context.settings.get("spans_overlap", False)))
        return {"spans": [spans[index] for index in order]}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the spans as a JSON list."""
        return CANONICAL.encode(sorted(value["spans"], key=_span_sort_key))

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that has these spans."""
        return {"spans": [_plain_span(span) for span in json.loads(target)]}

    def components(self, value: Mapping[str, Any]) -> list[Component]:
        """Return each span's label, and from where to where it goes."""
        return [(str(span["label"]), (span["start"], span["end"])) for span in value["spans"]]

    def labels_in_cell(self, cell: str) -> list[str]:
        """Return the labels of a cell's spans, each once."""
        try:
            spans = _read_spans_cell(cell)
        except InvalidValue:
            return []
        names = [span.get("label") for span in spans if isinstance(span, Mapping)]
        return list(dict.fromkeys(name for name in names if isinstance(name, str) and name))

    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read a JSON list of {"start", "end", "label"}, or of [start, end, label] as doccano writes it."""
        return self.clean({"spans": _read_spans_cell(cell)}, context)

    def to_cell(self, value: Mapping[str, Any]) -> str:
        """Return the spans as a JSON list."""
        return CANONICAL.encode([_plain_span(span) for span in value["spans"]])


def _span_sort_key(span: Mapping[str, Any]) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]


def _plain_span(span: Mapping[str, Any]) -> dict[str, Any]:
    return {"start": span["start"], "end": span["end"], "label": span["label"]}


def _clean_span(span: object, context: AnswerContext, part: str) -> dict[str, Any]:
    """Return one span in its canonical form; raises InvalidValue that names what is wrong with it."""
    if not isinstance(span, Mapping) or set(span) != SPAN_KEYS:
        raise InvalidValue(EXPECTED_FORM, {"part": part})
    for end in ("start", "end"):
        if type(span[end]) is not int or span[end] < 0:
            message = _("Where a span starts and ends are whole numbers from 0, counted in characters.")
            raise InvalidValue(message, {"part": f"{part}.{end}"})
    if span["end"] <= span["start"]:
        raise InvalidValue(_("A span has one character at least: it ends behind its start."), {"part": f"{part}.end"})
    if context.content is not None and span["end"] > (length := len(str(context.content.get("text", "")))):
        message = _("The span ends behind the text, which has %(length)d characters.", length=length)
        raise InvalidValue(message, {"part": f"{part}.end"})
    return _plain_span({**span, "label": known_label(span["label"], context, f"{part}.label")})


def _check_neighbours(spans: Sequence[Mapping[str, Any]], order: Iterable[int], *, may_overlap: bool) -> None:
    """Refuse doubles and, unless they may, spans that overlap. In `order`, those that touch come in a row."""
    for before, after in pairwise(order):
        if spans[before] == spans[after]:
            raise InvalidValue(_("The span is there twice."), {"part": f"value.spans[{after}]"})
        if not may_overlap and spans[after]["start"] < spans[before]["end"]:
            message = _(
                "Two spans overlap, which this project does not allow. The setting “Overlapping spans” (spans_overlap) "
                "allows it."
            )
            raise InvalidValue(message, {"part": f"value.spans[{after}]"})


def _read_spans_cell(cell: str) -> list[Any]:
    """Return the spans in a cell, triples as mappings; raises InvalidValue for anything but a list."""
    refusal = InvalidValue(_("This is no JSON list of spans."), {"part": "value.spans"})
    return [span for item in read_list(cell, refusal, READ_KEYS) for span in _spans_of(item)]


def _spans_of(item: object) -> list[Any]:
    """Return the spans that a part of a list means, as other tools write them; what is none comes back as it is.

    >>> _spans_of([0, 3, "PER"]) == _spans_of({"start": 0, "end": 3, "labels": ["PER"]})
    True
    """
    if isinstance(item, list | tuple) and len(item) == 3:
        return [{"start": item[0], "end": item[1], "label": label_text(item[2])}]
    if not isinstance(item, dict):
        return [item]
    named = {OFFSET_KEYS.get(key, key): value for key, value in item.items() if key != "labels"}
    labels = item.get("labels") if "label" not in item else None
    if isinstance(labels, list):
        return [{**named, "label": label_text(label)} for label in labels] or [named]
    return [{**named, "label": label_text(named["label"])} if "label" in named else named]
