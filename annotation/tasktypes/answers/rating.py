"""Exactly one label that is a number. Value: {"rating": 4.0}.

The labels are numbers as `plain_text` writes them: so each has a key, a colour and counts.
"""

from collections.abc import Mapping
from typing import Any

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.contract import AnswerContext
from annotation.tasktypes.answers.label_values import known_label
from annotation.tasktypes.answers.number_scale import MAX_NUMBER, parse_number_cell, plain_text, read_number
from annotation.tasktypes.answers.single_label import SingleLabel
from annotation.text.decimal_numbers import parse_number

RATING_KEY = "rating"
EXPECTED_FORM = _('An answer has the form {"rating": 4.0}.')


class Rating(SingleLabel):
    """One of the numbers that are the project's labels."""

    ranks_labels = False  # a scale is read in its own order

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"rating": number} against the labels.

        >>> Rating().clean({"rating": 4}, AnswerContext(["3.5", "4"]))
        {'rating': 4.0}
        """
        number = read_number(value, RATING_KEY, EXPECTED_FORM)
        known_label(plain_text(number), context, f"value.{RATING_KEY}")
        return {RATING_KEY: float(number) + 0.0}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the number as its label."""
        return plain_text(value[RATING_KEY])

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that is this number."""
        return {RATING_KEY: float(target)}

    def labels_in_cell(self, cell: str) -> list[str]:
        """Return the label of the number in a cell; none where there is no number."""
        number = parse_number(cell)
        return [] if number is None or abs(number) > MAX_NUMBER else [plain_text(number)]

    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read a number."""
        return self.clean({RATING_KEY: parse_number_cell(cell, RATING_KEY, context)}, context)

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for the same number; the farther apart, the nearer to 1."""
        apart = abs(a[RATING_KEY] - b[RATING_KEY])
        return float(apart / (1 + apart))
