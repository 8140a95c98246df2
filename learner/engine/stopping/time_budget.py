"""Stop when people have spent as much time as was planned."""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, rising_progress


def time_budget(history: History, threshold: float) -> Advice:
    """Compare the hours that people spent on answers, as their screens measured them, with the budget in hours."""
    hours = history.seconds / 3600
    return Advice(
        stop=hours >= threshold,
        reason=_("Hours spent: %(have)s of %(budget)s.", have=f"{hours:.1f}", budget=f"{threshold:g}"),
        n=history.timed_labels,
        value=hours,
        progress=rising_progress(hours, threshold),
    )
