"""Stop when successive models say the same about a fixed set of items."""

import numpy as np

from annotation.words import Words as _
from learner.stopping.contract import Advice, History, share_of
from learner.stopping.stopset import WINDOW, alike, are_numbers, compared, too_few

CAREFUL, BALANCED, EARLY = 0.99, 0.97, 0.95


def stable_predictions(history: History, threshold: float) -> Advice:
    """Compare the mean kappa of the last WINDOW pairs of models with the threshold.

    Source: Bloodgood and Vijay-Shanker, CoNLL 2009. Models are at least APART labels apart, because
    small batches alone make kappa high. With kappa at T the F measure of two models differs by at
    most 4 (1 - T) / T (Bloodgood and Grothendieck, CoNLL 2013). Of numbers the concordance is compared. O(items of the
    stop set).
    """
    pairs = compared(history.turns)
    if len(pairs) < WINDOW:
        return too_few(pairs)
    if all(len(np.unique(said)) == 1 for said in pairs[-1]):
        return Advice(None, _("The models say one and the same label everywhere: that they agree means nothing."))
    mean = float(np.mean([alike(one, other) for one, other in pairs]))
    given = {"kappa": f"{mean:.3f}", "threshold": f"{threshold:g}", "items": len(pairs[-1][0])}
    numbers = are_numbers(pairs[-1][0])
    if mean >= threshold and numbers:
        reason = _("Models agree with those before: mean concordance %(kappa)s, on %(items)d fixed items.", **given)
    elif numbers:
        reason = _(
            "Models still change their minds: mean concordance %(kappa)s on %(items)d fixed items; "
            "they count as settled from %(threshold)s on.",
            **given,
        )
    elif mean >= threshold:
        reason = _("Models agree with those before: mean kappa %(kappa)s, on %(items)d fixed items.", **given)
    else:
        reason = _(
            "Models still change their minds: mean kappa %(kappa)s on %(items)d fixed items; "
            "they count as settled from %(threshold)s on.",
            **given,
        )
    return Advice(
        stop=mean >= threshold,
        reason=reason,
        n=len(pairs[-1][0]),
        value=mean,
        share=share_of(mean, threshold),
        numbers={} if numbers else {"largest_change_of_f": 4 * (1 - mean) / mean if mean > 0 else 1.0},
    )
