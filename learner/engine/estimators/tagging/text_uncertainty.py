"""How uncertain a model is of the tags of a text, as one number from 0 to 1.

After Settles and Craven, "An analysis of active learning strategies for sequence labeling tasks", EMNLP 2008
(least confidence, token entropy, totals against means), with the margin of Scheffer et al., IDA 2001 in place
of the entropy; the length-normalised probability is that of Shen et al., "Deep active learning for named entity
recognition", ICLR 2018. A total is brought below one by 1 - exp(-total), which keeps the order. What goes by length is
the total of a text of TYPICAL_WORDS such words: the uncertainties of single words are so small that nothing would
seem left to learn.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

TYPICAL_WORDS = 20  # of a sentence

Marginals = NDArray[np.float64]  # (t, k): the probability of each tag of each token
TextUncertainty = Callable[[Marginals, float], float]  # of the marginals, and of the log probability of the best tags


def least_confidence(marginals: Marginals, log_best: float) -> float:
    """Return one minus the probability of the best sequence: long texts are less certain."""
    return -math.expm1(min(log_best, 0.0))


def normalised_least_confidence(marginals: Marginals, log_best: float) -> float:
    """Return the same of TYPICAL_WORDS tokens, each as probable as the best sequence's are on (geometric) average."""
    return -math.expm1(TYPICAL_WORDS * min(log_best, 0.0) / max(len(marginals), 1))


def total_token_margin(marginals: Marginals, log_best: float) -> float:
    """Return the sum over the tokens of one minus the lead of the best tag over the second."""
    return -math.expm1(-float((1 - _tag_margins(marginals)).sum()))


def mean_token_margin(marginals: Marginals, log_best: float) -> float:
    """Return the mean over the tokens of one minus the lead of the best tag, as a total of TYPICAL_WORDS."""
    return -math.expm1(-TYPICAL_WORDS * float((1 - _tag_margins(marginals)).mean())) if len(marginals) else 0.0


def total_token_entropy(marginals: Marginals, log_best: float) -> float:
    """Return the sum over the tokens of the entropy of their tags."""
    return -math.expm1(-float(_tag_entropies(marginals).sum()))


def mean_token_entropy(marginals: Marginals, log_best: float) -> float:
    """Return the mean over the tokens of the entropy of their tags, as a total of TYPICAL_WORDS."""
    return -math.expm1(-TYPICAL_WORDS * float(_tag_entropies(marginals).mean())) if len(marginals) else 0.0


def _tag_margins(marginals: Marginals) -> NDArray[np.float64]:
    """Return (t,) the probability of the best tag of each token minus that of the second."""
    if marginals.shape[1] < 2:
        return np.ones(len(marginals))
    best = np.partition(marginals, -2, axis=1)
    leads: NDArray[np.float64] = best[:, -1] - best[:, -2]
    return leads


def _tag_entropies(marginals: Marginals) -> NDArray[np.float64]:
    bounded = np.clip(marginals, 1e-12, 1)
    entropies: NDArray[np.float64] = -(bounded * np.log(bounded)).sum(axis=1)
    return entropies


TEXT_UNCERTAINTIES: dict[str, TextUncertainty] = {
    "least_confidence": least_confidence,
    "normalised_least_confidence": normalised_least_confidence,
    "total_token_margin": total_token_margin,
    "mean_token_margin": mean_token_margin,
    "total_token_entropy": total_token_entropy,
    "mean_token_entropy": mean_token_entropy,
}
