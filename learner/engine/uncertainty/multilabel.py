"""The uncertainty family where an item may have several labels: each label is a question of its own.

Probabilities are (n, k), one per label, and need not sum to one. All are energies: the lower, the less sure.
Mean and least over labels: Esuli and Sebastiani, Active Learning Strategies for Multi-Label Text Classification,
ECIR 2009; Brinker, On Active Learning in Multi-Label Classification, 2006.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.uncertainty.probability_scores import MIN_LOG_PROBABILITY

Floats = NDArray[np.float32]


def label_margins(proba: Floats) -> Floats:
    """Return |2 p - 1| for each label, (n, k): what its yes and no are apart."""
    result: Floats = np.abs(2 * proba - 1)
    return result


def mean_margins(proba: Floats) -> Floats:
    """Return the mean margin over labels, (n,) in [0, 1]; O(nk)."""
    result: Floats = label_margins(proba).mean(axis=1)
    return result


def least_margins(proba: Floats) -> Floats:
    """Return the smallest margin over labels, (n,) in [0, 1]: one uncertain label is enough; O(nk)."""
    result: Floats = label_margins(proba).min(axis=1)
    return result


def label_entropies(proba: Floats) -> Floats:
    """Return the entropy of each label's yes or no in nats, (n, k)."""
    result: Floats = np.zeros_like(proba)
    for side in (proba, 1 - proba):
        result -= side * np.log(np.maximum(side, MIN_LOG_PROBABILITY))
    return result


def mean_entropies(proba: Floats) -> Floats:
    """Return minus the mean entropy over labels, (n,); O(nk)."""
    result: Floats = -label_entropies(proba).mean(axis=1)
    return result


def largest_entropies(proba: Floats) -> Floats:
    """Return minus the largest entropy over labels, (n,); O(nk)."""
    result: Floats = -label_entropies(proba).max(axis=1)
    return result


def label_set_probabilities(proba: Floats) -> Floats:
    """Return the probability of the most probable set of labels, labels being independent, (n,); O(nk)."""
    result: Floats = np.maximum(proba, 1 - proba).prod(axis=1)
    return result


def nonempty_set_probabilities(proba: Floats, has_label: NDArray[np.bool_]) -> Floats:
    """Return the probability of these sets, (n, k), labels being independent but for one that there must be; O(nk)."""
    some_label = 1 - (1 - proba.astype(np.float64)).prod(axis=1)
    sets = np.where(has_label, proba, 1 - proba).prod(axis=1)
    return np.asarray(np.minimum(sets / np.maximum(some_label, MIN_LOG_PROBABILITY), 1), np.float32)
