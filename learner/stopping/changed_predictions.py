"""Stop when hardly any prediction changes from model to model."""

import numpy as np

from annotation.words import Words as _
from learner.stopping.contract import Advice, History, percent, share_down
from learner.stopping.stopset import WINDOW, are_numbers, compared, too_few


def changed_predictions(history: History, threshold: float) -> Advice:
    """Compare the share of the stop set that changed its label, the mean of WINDOW pairs, with the threshold.

    Source: Zhu, Wang and Hovy, COLING 2008 (classification change), which asks for no change at all;
    with people's noise that never comes, hence a threshold. Unlike kappa, it is low by itself where
    one label is most of the data.
    """
    pairs = compared(history.turns)
    if len(pairs) < WINDOW:
        return too_few(pairs)
    if are_numbers(pairs[-1][0]):
        return Advice(None, _("Every model changes each number a little: “Stable predictions” says by how much."))
    changed = float(np.mean([np.mean(one != other) for one, other in pairs]))
    reason = _(
        "From model to model %(changed)s %% of %(items)d fixed items change their label; few is %(threshold)s %%.",
        changed=percent(changed, 2),
        items=len(pairs[-1][0]),
        threshold=percent(threshold, 2),
    )
    return Advice(
        stop=changed <= threshold,
        reason=reason,
        n=len(pairs[-1][0]),
        value=changed,
        share=share_down(changed, threshold),
    )
