"""Stop when the accuracy is surely as high as was wanted."""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, format_percent, rising_progress


def target_accuracy(history: History, threshold: float) -> Advice:
    """Compare the lower end of the newest model's 95 % interval with the target.

    The figure itself passes a target by luck; its lower end does so in at most one case of forty a look.
    """
    estimate = history.rounds[-1].accuracy if history.rounds else None
    metric = {"figure": history.metric_title}
    if estimate is None:
        return Advice(None, _("%(figure)s is not known yet, so it cannot be held against the target.", **metric))
    values = {
        **metric,
        "low": format_percent(estimate.low),
        "value": format_percent(estimate.value),
        "target": format_percent(threshold),
        "n": estimate.n,
    }
    if estimate.low >= threshold:
        reason = _(
            "%(figure)s is surely above the target of %(target)s %%: %(value)s %%, at least %(low)s %% "
            "(%(n)d test answers).",
            **values,
        )
    elif estimate.value >= threshold:
        reason = _(
            "%(figure)s is above the target of %(target)s %% but may still be below it: %(value)s %%, "
            "at least %(low)s %% (%(n)d test answers). More test answers narrow the interval.",
            **values,
        )
    else:
        reason = _(
            "%(figure)s is below the target of %(target)s %%: %(value)s %%, at least %(low)s %% (%(n)d test answers).",
            **values,
        )
    return Advice(
        stop=estimate.low >= threshold,
        reason=reason,
        n=estimate.n,
        value=estimate.low,
        progress=rising_progress(estimate.low, threshold),
        details={"accuracy": estimate.value},
    )
