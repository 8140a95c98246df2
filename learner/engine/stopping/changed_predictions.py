"""Stop when hardly any prediction changes from model to model."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, falling_progress, format_percent
from learner.engine.stopping.stop_set import COMPARED_PAIRS, comparable_predictions, too_few_models_advice


def changed_predictions(history: History, threshold: float) -> Advice:
    """Compare the share of the stop set that changed its label, the mean of COMPARED_PAIRS pairs, with the threshold.

    Source: Zhu, Wang and Hovy, COLING 2008 (classification change), which asks for no change at all;
    with people's noise that never comes, hence a threshold. Unlike kappa, it is low by itself where
    one label is most of the data. Of several labels an item it is the share of the labels that one model alone gives.
    """
    agreement = history.agreement
    if agreement.changed_share is None:
        reason = _("How much changes from model to model is what “Stable predictions” says.")
        return Advice(None, reason, applies=False)
    pairs = comparable_predictions(history.rounds)
    if len(pairs) < COMPARED_PAIRS:
        return too_few_models_advice(pairs)
    changed, items = (
        float(np.mean([agreement.changed_share(first, second) for first, second in pairs])),
        len(pairs[-1][0]),
    )
    shares = {"changed": format_percent(changed, 2), "threshold": format_percent(threshold, 2)}
    return Advice(
        stop=changed <= threshold,
        reason=_(agreement.change_message, items=items, **shares),
        n=items,
        value=changed,
        progress=falling_progress(changed, threshold),
    )
