"""What seeing the model's suggestion does to answers: where it is shown against where it is withheld by lot."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import ngettext

from annotation.models import Annotation, Project, Reason
from annotation.queue.suggestion_policy import SuggestionPolicy
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, Estimate, accuracy_estimate, difference_of_proportions

NEWEST = 5000  # answers looked at


def anchoring_report(project: Project) -> dict[str, Any] | None:
    """Return {shown, withheld, difference, reason}: how far people agree with suggestions; None where none is withheld.

    Only answers since the suggestion was first shown count, so that both groups met the same models.
    """
    policy = SuggestionPolicy.of_project(project)
    if not policy.share:
        return None
    rows = (
        Annotation.objects.answers()
        .filter(project=project, suggestion__isnull=False, user__is_machine=False)
        .exclude(reason=Reason.TEST)
        .order_by("-created_at", "-pk")
        .values_list("item", "suggestion_shown", "suggestion", "value")[:NEWEST]
    )
    kind = project.kind
    agreements = [
        (item, shown, kind.answer.similarity(kind.answer.target(suggestion or {}), kind.answer.target(value or {})))
        for item, shown, suggestion, value in reversed(rows)
    ]
    start = next((place for place, (_, shown, _agree) in enumerate(agreements) if shown), len(agreements))
    shown = [agree for _, was_shown, agree in agreements[start:] if was_shown]
    withheld = [agree for item, was_shown, agree in agreements[start:] if not was_shown and policy.is_withheld(item)]
    few = min(len(shown), len(withheld))
    if few < MIN_TEST_ANSWERS:
        return {"shown": None, "withheld": None, "difference": None, "reason": _too_few_answers_message(few)}
    pair = _mean_agreement(shown), _mean_agreement(withheld)
    gap = difference_of_proportions(*pair)
    return {"shown": asdict(pair[0]), "withheld": asdict(pair[1]), "difference": asdict(gap), "reason": ""}


def _mean_agreement(agree: Sequence[float]) -> Estimate:
    return accuracy_estimate(sum(agree), len(agree))


def _too_few_answers_message(n: int) -> str:
    message = ngettext(
        "What seeing suggestions does is told from %(needed)d answers with them and as many without; so far %(n)d.",
        "What seeing suggestions does is told from %(needed)d answers with them and as many without; so far %(n)d.",
        n,
    )
    return message % {"n": n, "needed": MIN_TEST_ANSWERS}
