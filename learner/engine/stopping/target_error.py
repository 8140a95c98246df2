"""Stop when the mean error of a number is surely as low as was wanted."""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, falling_progress


def target_error(history: History, threshold: float) -> Advice:
    """Compare the upper end of the newest model's 95 % interval with the target, in points of the scale.

    The figure itself passes a target by luck; its upper end does so in at most one case of forty a look.
    """
    estimate = history.rounds[-1].error if history.rounds else None
    if estimate is None:
        return Advice(None, _("The mean error is not known yet, so it cannot be held against the target."))
    values = {
        "value": f"{estimate.value:.3g}",
        "high": f"{estimate.high:.3g}",
        "target": f"{threshold:g}",
        "n": estimate.n,
    }
    if estimate.high <= threshold:
        reason = _(
            "The mean error is surely below the target of %(target)s: %(value)s, at most %(high)s "
            "(%(n)d test answers).",
            **values,
        )
    else:
        reason = _(
            "The mean error may still be above the target of %(target)s: %(value)s, at most %(high)s "
            "(%(n)d test answers).",
            **values,
        )
    return Advice(
        stop=estimate.high <= threshold,
        reason=reason,
        n=estimate.n,
        value=estimate.high,
        progress=falling_progress(estimate.high, threshold),
        details={"error": estimate.value},
    )
