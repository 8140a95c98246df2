"""Stop when the accuracy is surely as high as was wanted."""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, percent, share_of


def target_accuracy(history: History, threshold: float) -> Advice:
    """Compare the lower end of the newest model's 95 % interval with the target.

    The figure itself passes a target by luck; its lower end does so in at most one case of forty a look.
    """
    figure = history.rounds[-1].accuracy if history.rounds else None
    named = {"figure": history.figure}
    if figure is None:
        return Advice(None, _("%(figure)s is not known yet, so it cannot be held against the target.", **named))
    given = {
        **named,
        "low": percent(figure.low),
        "value": percent(figure.value),
        "target": percent(threshold),
        "n": figure.n,
    }
    if figure.low >= threshold:
        reason = _(
            "%(figure)s is surely above the target of %(target)s %%: %(value)s %%, at least %(low)s %% "
            "(%(n)d test answers).",
            **given,
        )
    elif figure.value >= threshold:
        reason = _(
            "%(figure)s is above the target of %(target)s %% but may still be below it: %(value)s %%, "
            "at least %(low)s %% (%(n)d test answers). More test answers narrow the interval.",
            **given,
        )
    else:
        reason = _(
            "%(figure)s is below the target of %(target)s %%: %(value)s %%, at least %(low)s %% (%(n)d test answers).",
            **given,
        )
    return Advice(
        stop=figure.low >= threshold,
        reason=reason,
        n=figure.n,
        value=figure.low,
        share=share_of(figure.low, threshold),
        numbers={"accuracy": figure.value},
    )
