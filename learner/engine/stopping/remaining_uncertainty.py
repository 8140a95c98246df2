"""Stop when the model is sure of what is left.

Uncertainty is k / (k - 1) * (1 - largest probability) for k labels: 0 is sure, 1 knows nothing. Both
conditions trust the model's probabilities, so they are weaker than those that compare models.
"""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, falling_progress


def mean_uncertainty(history: History, threshold: float) -> Advice:
    """Compare the mean over all that is not labelled with the threshold (overall uncertainty; Zhu et al. 2008)."""
    value = history.rounds[-1].mean_uncertainty if history.rounds else None
    if value is None:
        return _unknown_advice()
    reason = _(
        "Mean uncertainty of what is left: %(value)s; sure is %(threshold)s.",
        value=f"{value:.3f}",
        threshold=f"{threshold:g}",
    )
    return _uncertainty_advice(history, value, threshold, reason)


def max_uncertainty(history: History, threshold: float) -> Advice:
    """Compare the largest of all that is not labelled with the threshold (Zhu and Hovy, EMNLP 2007)."""
    value = history.rounds[-1].max_uncertainty if history.rounds else None
    if value is None:
        return _unknown_advice()
    reason = _(
        "Largest uncertainty of what is left: %(value)s; sure is %(threshold)s.",
        value=f"{value:.3f}",
        threshold=f"{threshold:g}",
    )
    return _uncertainty_advice(history, value, threshold, reason)


def _unknown_advice() -> Advice:
    return Advice(None, _("No model has said yet how sure it is of what is left."))


def _uncertainty_advice(history: History, value: float, threshold: float, reason: str) -> Advice:
    return Advice(
        stop=value <= threshold,
        reason=reason,
        n=history.unlabelled,
        value=value,
        progress=falling_progress(value, threshold),
    )
