"""Answer kinds: what an answer is, how it is read, written, compared and counted. Pure.

There are three: exactly one label (`SingleLabel`), any number of components (`Components`: labels, spans, boxes) and a
number in a range (`Number`). Everything that depends on what an answer is asks its kind.
"""

from annotation.tasktypes.answers.boxes import Boxes
from annotation.tasktypes.answers.components import Components
from annotation.tasktypes.answers.contract import AnswerContext, AnswerKind, Component
from annotation.tasktypes.answers.label_set import LabelSet
from annotation.tasktypes.answers.number import Number
from annotation.tasktypes.answers.rating import Rating
from annotation.tasktypes.answers.single_label import SingleLabel
from annotation.tasktypes.answers.spans import Spans

__all__ = [
    "AnswerContext",
    "AnswerKind",
    "Boxes",
    "Component",
    "Components",
    "LabelSet",
    "Number",
    "Rating",
    "SingleLabel",
    "Spans",
]
