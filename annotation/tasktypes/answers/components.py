"""Any number of components, none included: several labels, spans, boxes."""

from collections.abc import Mapping
from typing import Any

from annotation.tasktypes.answers.component_matching import Match, f1_distance, matching_components
from annotation.tasktypes.answers.contract import AnswerKind


class Components(AnswerKind):
    """Components that are each right or wrong by themselves: answers agree as far as their F1 goes."""

    in_components = True

    @property
    def match(self) -> Match:
        """How components of two answers are found to be the same: those of equal label at the same place."""
        return matching_components

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return one minus the F1 of the components of one answer against the other's."""
        return f1_distance(self.components(a), self.components(b), self.match)

    def similarity(self, a: str, b: str) -> float:
        """Return the F1 of two answers, as targets (Hripcsak and Rothschild, JAMIA 2005)."""
        return 1.0 if a == b else 1 - self.distance(self.value(a), self.value(b))
