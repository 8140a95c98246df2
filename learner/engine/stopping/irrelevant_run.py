"""Stop a search when nothing relevant has turned up for a while."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, share_of


def irrelevant_run(history: History, threshold: float) -> Advice:
    """Compare the number of irrelevant answers since the last relevant one with the threshold.

    Popular, and no guarantee: how much has been missed depends on how rare the relevant ones are.
    """
    seen = history.relevance
    if seen is None or not seen.any():
        return Advice(None, _("Nothing relevant has been found yet."), n=0 if seen is None else len(seen))
    run = len(seen) - 1 - int(np.flatnonzero(seen)[-1])
    return Advice(
        stop=run >= threshold,
        reason=_("Irrelevant in a row: %(run)d of %(threshold)d.", run=run, threshold=int(threshold)),
        n=len(seen),
        value=float(run),
        share=share_of(run, threshold),
    )
