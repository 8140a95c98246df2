"""F1 of answers that have components: several labels of a text, spans, boxes. Pure.

A component is right when the other side has one with the same label at the same position, as seqeval counts entities
(Nakayama 2018, after Tjong Kim Sang and De Meulder, CoNLL 2003); of boxes, when they overlap by half. Components of
one item are right or wrong together, so intervals come from resampling items, not components.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import Component
from annotation.tasktypes.answers.component_matching import Match, matching_components
from learner.engine.statistics.estimates import Estimate, wilson_interval

RESAMPLES = 1000
SEED = 20030531


@dataclass(frozen=True)
class ComponentCounts:
    """Components of n items and k labels, (n, k) each: hits, those of the model, and those of people (support)."""

    labels: list[str]
    hits: NDArray[np.int64]
    predicted: NDArray[np.int64]
    support: NDArray[np.int64]

    def sums_by_label(self) -> NDArray[np.int64]:
        """Return (k, 3): hits, components of the model, components of people."""
        return np.stack([part.sum(axis=0) for part in (self.hits, self.predicted, self.support)], axis=1)

    def exact_matches(self) -> NDArray[np.bool_]:
        """Return (n,): whether neither side has a component that the other lacks."""
        same = (self.hits == self.predicted) & (self.hits == self.support)
        return np.asarray(same.all(axis=1), bool)

    def micro_f1_value(self) -> float:
        """Return F1 over all components; 1 where there are none."""
        return float(_f1_scores(*(part.sum() for part in (self.hits, self.predicted, self.support))))

    def macro_f1_value(self) -> float:
        """Return the mean F1 of the labels that either side has; 1 where there are none."""
        occurs = (self.predicted + self.support).sum(axis=0) > 0
        return float(_f1_scores(*self.sums_by_label().T)[occurs].mean()) if occurs.any() else 1.0

    def micro_f1(self) -> Estimate:
        """Return F1 over all components with its 95 % interval over items."""
        return self._bootstrap_estimate(
            self.micro_f1_value(), _f1_scores(*(part.sum(axis=1) for part in self._resampled_counts)), slice(None)
        )

    def macro_f1(self) -> Estimate:
        """Return the mean F1 of the labels that occur, with its 95 % interval over items."""
        hits, predicted, support = self._resampled_counts
        occurs = (predicted + support > 0).sum(axis=1)
        resampled = np.where(predicted + support > 0, _f1_scores(hits, predicted, support), 0).sum(axis=1) / np.maximum(
            occurs, 1
        )
        return self._bootstrap_estimate(self.macro_f1_value(), resampled[occurs > 0], slice(None))

    def f1_by_label(self) -> list[Estimate | None]:
        """Return each label's F1 with its interval; None where neither side has it."""
        resampled = _f1_scores(*self._resampled_counts)
        f1, touched = _f1_scores(*self.sums_by_label().T), (self.predicted + self.support).sum(axis=0) > 0
        return [
            self._bootstrap_estimate(float(f1[k]), resampled[:, k], slice(k, k + 1)) if touched[k] else None
            for k in range(len(self.labels))
        ]

    @cached_property
    def _resampled_counts(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Sums over RESAMPLES draws of n items with replacement: three of (r, k). Efron 1979."""
        n = len(self.hits)
        if not n:
            return (np.zeros((RESAMPLES, len(self.labels))),) * 3
        draws = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
        hits, predicted, support = (draws @ part.astype(float) for part in (self.hits, self.predicted, self.support))
        return hits, predicted, support

    def _bootstrap_estimate(self, value: float, resampled: NDArray[np.float64], labels: slice) -> Estimate:
        """Return the percentile interval; where all or nothing was right, Wilson's, as resampling shows nothing."""
        touched = int(((self.predicted + self.support)[:, labels].sum(axis=1) > 0).sum())
        low, high = (float(end) for end in np.percentile(resampled, [2.5, 97.5])) if len(resampled) else (0.0, 1.0)
        if value in (0.0, 1.0):
            wilson_bounds, n = wilson_interval(value * touched, touched), len(self.hits)
            return Estimate(value, min(low, wilson_bounds[0]), max(high, wilson_bounds[1]), n)
        return Estimate(value, low, high, len(self.hits))


def _f1_scores(
    hits: NDArray[np.generic], predicted: NDArray[np.generic], support: NDArray[np.generic]
) -> NDArray[np.float64]:
    """Return F1 = 2 hits / (predicted + support), element by element; 1 where both are zero."""
    total = np.asarray(predicted, float) + np.asarray(support, float)
    return np.where(total > 0, 2 * np.asarray(hits, float) / np.maximum(total, 1), 1.0)


def count_components(
    true_components: Sequence[Sequence[Component]],
    predicted_components: Sequence[Sequence[Component]],
    match: Match = matching_components,
) -> ComponentCounts:
    """Count the components of n items as people and as the model see them; `match` says which are the same."""
    if len(true_components) != len(predicted_components):
        raise ValueError(f"{len(true_components)} answers, but {len(predicted_components)} predictions.")
    labels = sorted({label for side in (true_components, predicted_components) for parts in side for label, _ in parts})
    column_of_label = {label: k for k, label in enumerate(labels)}
    hits, predicted, support = (np.zeros((len(true_components), len(labels)), np.int64) for _ in range(3))
    for row, (true_here, predicted_here) in enumerate(zip(true_components, predicted_components, strict=True)):
        labels_by_table = (
            (label for label, _ in true_here),
            (label for label, _ in predicted_here),
            match(true_here, predicted_here),
        )
        for table, names in zip((support, predicted, hits), labels_by_table, strict=True):
            for name in names:
                table[row, column_of_label[name]] += 1
    return ComponentCounts(labels, hits, predicted, support)
