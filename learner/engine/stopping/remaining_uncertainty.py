"""Stop when the model is sure of what is left.

Uncertainty is k / (k - 1) * (1 - largest probability) for k labels: 0 is sure, 1 knows nothing. Both
conditions trust the model's probabilities, so they are weaker than those that compare models.
"""

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import Words as _
from learner.engine.contracts.stopping import Advice, History, share_down

CHUNK = 16384  # rows


def left_uncertain(proba: NDArray[np.float32], available: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Return the mean and the largest uncertainty of the available rows of probabilities (n, k); None without any.

    Cost O(n k): one pass, in chunks that stay in the cache.
    """
    k, best = proba.shape[1], np.empty(len(proba), np.float32)
    for start in range(0, len(proba), CHUNK):
        part = slice(start, start + CHUNK)
        np.ascontiguousarray(proba[part].T).max(axis=0, out=best[part])
    best = best[available]
    if not len(best):
        return None
    scale = k / max(k - 1, 1)
    return scale * (1 - float(best.mean(dtype=np.float64))), scale * (1 - float(best.min()))


def mean_uncertainty(history: History, threshold: float) -> Advice:
    """Compare the mean over all that is not labelled with the threshold (overall uncertainty; Zhu et al. 2008)."""
    value = history.turns[-1].mean_uncertainty if history.turns else None
    if value is None:
        return _unknown()
    reason = _(
        "Mean uncertainty of what is left: %(value)s; sure is %(threshold)s.",
        value=f"{value:.3f}",
        threshold=f"{threshold:g}",
    )
    return _advice(history, value, threshold, reason)


def max_uncertainty(history: History, threshold: float) -> Advice:
    """Compare the largest of all that is not labelled with the threshold (Zhu and Hovy, EMNLP 2007)."""
    value = history.turns[-1].max_uncertainty if history.turns else None
    if value is None:
        return _unknown()
    reason = _(
        "Largest uncertainty of what is left: %(value)s; sure is %(threshold)s.",
        value=f"{value:.3f}",
        threshold=f"{threshold:g}",
    )
    return _advice(history, value, threshold, reason)


def _unknown() -> Advice:
    return Advice(None, _("No model has said yet how sure it is of what is left."))


def _advice(history: History, value: float, threshold: float, reason: str) -> Advice:
    return Advice(
        stop=value <= threshold,
        reason=reason,
        n=history.unlabelled,
        value=value,
        share=share_down(value, threshold),
    )
