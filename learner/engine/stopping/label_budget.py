"""Stop when people have given as many labels as were planned."""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, rising_progress


def label_budget(history: History, threshold: float) -> Advice:
    """Compare the labels given in all, the test sample's included, with the budget."""
    return Advice(
        stop=history.answer_count >= threshold,
        reason=_("Labels given: %(have)d of %(budget)d.", have=history.answer_count, budget=int(threshold)),
        n=history.answer_count,
        value=float(history.answer_count),
        progress=rising_progress(history.answer_count, threshold),
    )
