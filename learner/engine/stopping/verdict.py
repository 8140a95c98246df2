"""All conditions in one sentence."""

from collections.abc import Mapping

from annotation.lazy_text import LazyText as _
from learner.engine.stopping import STOPPING, Advice
from learner.engine.stopping.stable_predictions import EARLY_KAPPA

STOP, CONTINUE = "stop", "go on"


def limits_reached(advices: Mapping[str, Advice]) -> list[str]:
    """Return the names of the limits that a lead has set and that are reached."""
    return [name for name, advice in advices.items() if STOPPING[name].kind == "limit" and advice.stop]


def combined_advice(advices: Mapping[str, Advice]) -> tuple[str | None, str]:
    """Return STOP, GO_ON or None, and why.

    A limit that is reached goes first. A search is over when its recall is reached, and not before.
    Otherwise the curve has to be flat and the models to have settled; less agreement, EARLY_KAPPA, will do where the
    curve has been flat for a while. Where one of the two cannot tell the other decides; uncertainty and changed labels
    inform and do not decide.
    """
    if limits := limits_reached(advices):
        return STOP, _("You can stop: a limit of this project is reached. %(reason)s", reason=advices[limits[0]].reason)
    recall = advices["expected_recall"]
    if recall.stop is not None:
        pattern = _("You can stop. %(reason)s") if recall.stop else _("Go on. %(reason)s")
        return STOP if recall.stop else CONTINUE, _(pattern, reason=recall.reason)
    return _advice_of_signs(advices)


def combined_search_advice(advices: Mapping[str, Advice]) -> tuple[str | None, str]:
    """Return STOP, CONTINUE or None where all items of a label are to be found: limits first, then recall."""
    recall = advices["expected_recall"]
    if limits_reached(advices) or recall.stop is not None:
        return combined_advice(advices)
    return None, _("No advice yet. %(reason)s", reason=recall.reason)


def _advice_of_signs(advices: Mapping[str, Advice]) -> tuple[str | None, str]:
    """Return STOP, CONTINUE or None by the learning curve and the agreement of models, and why."""
    curve, agreement = advices["plateau"], advices["stable_predictions"]
    if curve.stop is False:
        return CONTINUE, _("Go on. %(reason)s", reason=curve.reason)
    if agreement.stop is False and not _is_settled_curve(curve, agreement):
        return CONTINUE, _("Go on. %(reason)s", reason=agreement.reason)
    settled = [sign.reason for sign in (curve, agreement) if sign.stop]
    if not settled:
        return None, _("No advice yet. %(reason)s", reason=curve.reason)
    if advices["target_accuracy"].stop is False:
        reason = _(
            "More labels of this kind will hardly reach the target. %(reason)s %(target)s",
            reason=settled[0],
            target=advices["target_accuracy"].reason,
        )
        return STOP, reason
    return STOP, _("You can stop, if it is good enough. %(reason)s", reason=settled[0])


def _is_settled_curve(curve: Advice, agreement: Advice) -> bool:
    """Return whether a curve that has stayed flat does, because models agree well enough for that.

    Where people themselves disagree, models that learn no more still change their minds about what lies between.
    """
    return bool(curve.stop and curve.details.get("confirmed") and (agreement.value or 0) >= EARLY_KAPPA)
