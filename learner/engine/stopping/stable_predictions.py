"""Stop when successive models say the same about a fixed set of items."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.agreement import Predictions
from learner.engine.contracts.stopping import Advice, History, rising_progress
from learner.engine.stopping.model_agreement import LABEL_AGREEMENT
from learner.engine.stopping.stop_set import COMPARED_PAIRS, comparable_predictions, too_few_models_advice

CAREFUL_KAPPA, BALANCED_KAPPA, EARLY_KAPPA = 0.99, 0.97, 0.95


def stable_predictions(history: History, threshold: float) -> Advice:
    """Compare the mean agreement of the last COMPARED_PAIRS pairs of models, kappa of labels, with the threshold.

    Source: Bloodgood and Vijay-Shanker, CoNLL 2009. Models are at least MIN_LABELS_APART labels apart, because
    small batches alone make kappa high. With kappa at T the F measure of two models differs by at
    most 4 (1 - T) / T (Bloodgood and Grothendieck, CoNLL 2013). What agreement is of other answers than
    labels `agreement` says; of spans and boxes it is shown but compared with no threshold, for models that
    learn no more still differ (docs/decisions/0024). O(items of the stop set).
    """
    pairs = comparable_predictions(history.rounds)
    if len(pairs) < COMPARED_PAIRS:
        return too_few_models_advice(pairs)
    if all(_is_constant(predictions) for predictions in pairs[-1]):
        return Advice(None, _("The models say one and the same everywhere: that they agree means nothing."))
    mean = float(np.mean([history.agreement.compare(first, second) for first, second in pairs]))
    values = {"measure": history.agreement.title, "value": f"{mean:.3f}", "items": len(pairs[-1][0])}
    if not history.has_agreement_threshold:
        reason = _(
            "Models agree with those before: mean %(measure)s %(value)s, on %(items)d fixed items. "
            "From what on they have settled is not known; the learning curve tells more.",
            **values,
        )
        return Advice(None, reason, n=len(pairs[-1][0]), details={"agreement": mean})
    if mean >= threshold:
        reason = _("Models agree with those before: mean %(measure)s %(value)s, on %(items)d fixed items.", **values)
    else:
        reason = _(
            "Models still change their minds: mean %(measure)s %(value)s on %(items)d fixed items; "
            "they count as settled from %(threshold)s on.",
            threshold=f"{threshold:g}",
            **values,
        )
    return Advice(
        stop=mean >= threshold,
        reason=reason,
        n=len(pairs[-1][0]),
        value=mean,
        progress=rising_progress(mean, threshold),
        details=_f_change_bound(mean) if history.agreement is LABEL_AGREEMENT else {},
    )


def _is_constant(predictions: Predictions) -> bool:
    return all(prediction == predictions[0] for prediction in predictions)


def _f_change_bound(kappa: float) -> dict[str, float]:
    return {"largest_change_of_f": 4 * (1 - kappa) / kappa if kappa > 0 else 1.0}
