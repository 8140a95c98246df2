"""Stop when successive models say the same about a fixed set of items."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.agreement import Predictions
from learner.engine.contracts.stopping import Advice, History, share_of
from learner.engine.stopping.model_agreement import OF_LABELS
from learner.engine.stopping.stop_set import COMPARED_PAIRS, compared, too_few_message

CAREFUL, BALANCED, EARLY = 0.99, 0.97, 0.95


def stable_predictions(history: History, threshold: float) -> Advice:
    """Compare the mean agreement of the last COMPARED_PAIRS pairs of models, kappa of labels, with the threshold.

    Source: Bloodgood and Vijay-Shanker, CoNLL 2009. Models are at least MIN_LABELS_APART labels apart, because
    small batches alone make kappa high. With kappa at T the F measure of two models differs by at
    most 4 (1 - T) / T (Bloodgood and Grothendieck, CoNLL 2013). What agreement is of other answers than
    labels is said in `agreement`; of spans and boxes it is told and held against nothing, for models that
    learn no more still differ (docs/decisions/0024). O(items of the stop set).
    """
    pairs = compared(history.rounds)
    if len(pairs) < COMPARED_PAIRS:
        return too_few_message(pairs)
    if all(_is_constant(predictions) for predictions in pairs[-1]):
        return Advice(None, _("The models say one and the same everywhere: that they agree means nothing."))
    mean = float(np.mean([history.agreement.alike(one, other) for one, other in pairs]))
    words = {"measure": history.agreement.title, "value": f"{mean:.3f}", "items": len(pairs[-1][0])}
    if not history.agreement.settles:
        reason = _(
            "Models agree with those before: mean %(measure)s %(value)s, on %(items)d fixed items. "
            "From what on they have settled is not known; the learning curve tells more.",
            **words,
        )
        return Advice(None, reason, n=len(pairs[-1][0]), numbers={"agreement": mean})
    if mean >= threshold:
        reason = _("Models agree with those before: mean %(measure)s %(value)s, on %(items)d fixed items.", **words)
    else:
        reason = _(
            "Models still change their minds: mean %(measure)s %(value)s on %(items)d fixed items; "
            "they count as settled from %(threshold)s on.",
            threshold=f"{threshold:g}",
            **words,
        )
    return Advice(
        stop=mean >= threshold,
        reason=reason,
        n=len(pairs[-1][0]),
        value=mean,
        share=share_of(mean, threshold),
        numbers=_bound(mean) if history.agreement is OF_LABELS else {},
    )


def _is_constant(predictions: Predictions) -> bool:
    return all(one == predictions[0] for one in predictions)


def _bound(kappa: float) -> dict[str, float]:
    return {"largest_change_of_f": 4 * (1 - kappa) / kappa if kappa > 0 else 1.0}
