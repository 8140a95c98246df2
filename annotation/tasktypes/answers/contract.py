"""What every answer kind provides, and what follows from it for all of them.

An answer is stored as its *canonical value*, a JSON object. Learners predict its *target*, a text that is equal for
equal answers. Its *components* are what it says about labels.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from annotation.json_values import cell_text

Component = tuple[str, Hashable]  # a label, and where in the item it is; None: it is about the item as a whole


@dataclass(frozen=True)
class AnswerContext:
    """What an answer is read and checked against."""

    labels: Sequence[str]  # names that may be given now
    content: Mapping[str, Any] | None = None  # of the item; None where it is not loaded
    settings: Mapping[str, Any] = field(default_factory=dict)  # the project's
    decimal_comma: bool = False  # in uploaded cells 1,234 is less than two


class AnswerKind(ABC):
    """One kind of answer."""

    one_label: ClassVar[bool] = False  # exactly one of the labels: a press on it is the whole answer
    in_components: ClassVar[bool] = False  # any number of components, each of them right or wrong by itself
    has_labels: ClassVar[bool] = True  # names labels of the project
    ranks_labels: ClassVar[bool] = False  # of each item some labels are likelier than others
    reads_content: ClassVar[bool] = False  # `clean` looks at the item's content
    settings: ClassVar[tuple[str, ...]] = ()  # project settings that only projects with such answers have
    column_names: ClassVar[tuple[str, ...]] = ()  # of the column of answers, where none is called a label
    unit: str = ""  # what people read behind an answer

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """Return the answer kind as a project with these settings has it."""
        return self

    def check(self) -> None:
        """Raise InvalidSetting where the settings do not fit together."""
        return

    # One answer

    @abstractmethod
    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Return the canonical form of an answer, or raise InvalidValue that names the part."""

    @abstractmethod
    def target(self, value: Mapping[str, Any]) -> str:
        """Return what a learner is to predict for this canonical value: equal for equal answers."""

    @abstractmethod
    def value(self, target: str) -> dict[str, Any]:
        """Return the canonical value of a predicted target; the inverse of `target`."""

    @abstractmethod
    def components(self, value: Mapping[str, Any]) -> list[Component]:
        """Return the components of a canonical value."""

    def cell_of(self, value: object) -> str:
        """Return an uploaded value as a cell for `from_cell`; empty where it says nothing. Raises InvalidValue."""
        return cell_text(value).strip()

    @abstractmethod
    def labels_in_cell(self, cell: str) -> list[str]:
        """Return the labels that an uploaded cell names, known or not; empty for a cell that cannot be read."""

    @abstractmethod
    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read an answer from an uploaded cell, or raise InvalidValue."""

    @abstractmethod
    def to_cell(self, value: Mapping[str, Any]) -> str:
        """Return a canonical value as a cell; the inverse of `from_cell`."""

    def words(self, value: Mapping[str, Any]) -> list[str]:
        """Return what people read of an answer: the labels that it names, as often as it does."""
        return [label for label, _ in self.components(value)]

    # Two answers

    @abstractmethod
    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for equal answers up to 1 for answers that share nothing."""

    def is_same(self, a: str, b: str) -> bool:
        """Whether two answers, as targets, are equal or at no distance."""
        return a == b or self.distance(self.value(a), self.value(b)) == 0

    def similarity(self, a: str, b: str) -> float:
        """Return how far two answers, as targets, agree: all or nothing, 1 or 0."""
        return float(self.is_same(a, b))

    def differs(self, suggestion: Mapping[str, Any] | None, value: Mapping[str, Any] | None) -> bool | None:
        """Whether an answer is another one than was suggested; None where there is no answer or suggestion.

        A box that was moved a little still overlaps by half, and a number may be near enough: these are the same.
        """
        if not suggestion or not value:
            return None
        return suggestion != value and self.distance(suggestion, value) > 0

    # Several people's answers about one item

    def count_votes(self, targets: Sequence[str]) -> Counter[str]:
        """Return how many gave each answer; those at no distance from one that came before count with that one."""
        plain = Counter(targets)
        if len(plain) < 2:
            return plain
        votes: Counter[str] = Counter()
        values = {target: self.value(target) for target in plain}
        for target, count in plain.items():
            alike = next((known for known in votes if self.distance(values[known], values[target]) == 0), target)
            votes[alike] += count
        return votes

    def consensus(self, targets: Sequence[str]) -> str | None:
        """Return the answer that more people gave than any other, or None when there is no such answer.

        A tie is a disagreement that a person has to resolve; nobody is to be trained on it before. Answers that are
        not equal may still be the same, as boxes are that are drawn by hand: the one given first stands for them.
        """
        ranked = self.count_votes(targets).most_common(2)
        if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
            return None
        return ranked[0][0]

    def representative(self, targets: Sequence[str]) -> int:
        """Return the index of the answer that stands for all of them: of equally many the one given first."""
        votes = self.count_votes(targets)  # they keep the order of first sight, and max takes the first of equals
        return targets.index(max(votes, key=votes.__getitem__))

    # Counted, shown and explained

    def bins(self) -> list[str] | None:
        """Return the names of what answers are counted in; None: in the labels."""
        return None

    def labels_or_bins(self, value: Mapping[str, Any]) -> list[str]:
        """Return what an answer is counted in: its labels or, where there are bins, one of these."""
        return [label for label, _ in self.components(value)]

    def widget_options(self) -> dict[str, Any]:
        """Return what a widget has to know about the answers beside the labels."""
        return {}

    def example_cells(self, labels: Sequence[str]) -> list[str]:
        """Return two cells of a column of answers, to show what a file looks like; `labels` are two or more."""
        return list(labels[:2])
