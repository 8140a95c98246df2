"""Stop when people have given as many labels as were planned."""

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, share_of


def label_budget(history: History, threshold: float) -> Advice:
    """Compare the labels given in all, the test sample's included, with the budget."""
    return Advice(
        stop=history.answers >= threshold,
        reason=_("Labels given: %(have)d of %(budget)d.", have=history.answers, budget=int(threshold)),
        n=history.answers,
        value=float(history.answers),
        share=share_of(history.answers, threshold),
    )
