"""Whose suggestion annotators may see: never the test sample's, and not that of items it is withheld from.

From a share of the items, drawn at random, the suggestion is withheld though the others' are shown: how often people
agree with the model there says what seeing its suggestion does to their answers.

What is suggested can also be confirmed for many items at once, in a grid, where the suggestion is seen by nature. Only
what a strategy chose may stand in one: an item drawn by lot is asked when the lot says so, or what has been answered
would be no random sample any more.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from annotation.models import Annotation, Assignment, Project, QueueEntry, Reason
from annotation.tasktypes.label_ranking import DIGITS

HASHES = 2**64  # as many as there are of eight bytes
STRATEGY_REASONS = (Reason.UNCERTAIN, Reason.SEARCH, Reason.COLD)  # of items that a strategy chose


@dataclass(frozen=True)
class SuggestionPolicy:
    """What a project shows of its models' suggestions."""

    mode: str  # hidden, shown, after
    share: float  # of the items from which it is withheld
    seed: int
    grids: bool = False  # whether items may be confirmed many at once
    ranked: bool = False  # models can rank the labels of an item, see `AnswerKind.ranks_labels`

    @classmethod
    def of_project(cls, project: Project) -> Self:
        """Read a project's settings."""
        options, kind = project.options, project.kind
        grids = options.suggestion == "shown" and kind.in_grids
        return cls(options.suggestion, options.withhold_share, project.seed, grids, kind.answer.ranks_labels)

    def is_shown(self, row: QueueEntry | Assignment | Annotation) -> bool:
        """Whether annotators may see what the model suggests about the row's item."""
        return self.mode != "hidden" and row.reason != Reason.TEST and not self.is_withheld(row.item_id)

    def is_groupable(self, row: QueueEntry | Assignment) -> bool:
        """Whether the row's item may stand in a grid, with others of which the model says the same."""
        return self.grids and row.reason in STRATEGY_REASONS and bool(row.suggestion) and self.is_shown(row)

    def ranks_labels(self, label_count: int) -> bool:
        """Whether the likeliest of so many labels come first, and have the digits: where there are more than digits."""
        return self.mode == "shown" and self.ranked and label_count > DIGITS

    def is_withheld(self, item: int) -> bool:
        """Whether the item is one of those drawn: the same for everybody; a larger share holds a smaller one's."""
        if not self.share:
            return False
        digest = blake2b(f"{self.seed} {item}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) < self.share * HASHES
