"""All conditions in one sentence."""

from collections.abc import Mapping

from annotation.lazy_text import LazyText as _
from learner.engine.stopping import STOPPING, Advice

STOP, CONTINUE = "stop", "go on"


def limits_reached(advices: Mapping[str, Advice]) -> list[str]:
    """Return the names of the limits that a lead has set and that are reached."""
    return [name for name, advice in advices.items() if STOPPING[name].kind == "limit" and advice.stop]


def combined_advice(advices: Mapping[str, Advice]) -> tuple[str | None, str]:
    """Return STOP, GO_ON or None, and why.

    A limit that is reached goes first. A search is over when its recall is reached, and not before.
    Otherwise the models have to have settled and the curve to be flat, or one of the two where the
    other cannot tell; uncertainty and changed labels inform and do not decide.
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
    signs = [advices["plateau"], advices["stable_predictions"]]
    for sign in signs:
        if sign.stop is False:
            return CONTINUE, _("Go on. %(reason)s", reason=sign.reason)
    settled = [sign.reason for sign in signs if sign.stop]
    if not settled:
        return None, _("No advice yet. %(reason)s", reason=signs[0].reason)
    if advices["target_accuracy"].stop is False:
        reason = _(
            "More labels of this kind will hardly reach the target. %(reason)s %(target)s",
            reason=settled[0],
            target=advices["target_accuracy"].reason,
        )
        return STOP, reason
    return STOP, _("You can stop, if it is good enough. %(reason)s", reason=settled[0])
