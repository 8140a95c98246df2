"""Stopping conditions: pure. Add one by a function `(history, threshold) -> Advice` and a line in STOPPING.

They suggest; a person decides.
"""

from collections.abc import Mapping

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, RoundRecord, StoppingCondition
from learner.engine.stopping.changed_predictions import changed_predictions
from learner.engine.stopping.expected_recall import expected_recall
from learner.engine.stopping.irrelevant_run import irrelevant_run
from learner.engine.stopping.label_budget import label_budget
from learner.engine.stopping.plateau import plateau
from learner.engine.stopping.remaining_uncertainty import max_uncertainty, mean_uncertainty
from learner.engine.stopping.stable_predictions import CAREFUL_KAPPA, stable_predictions
from learner.engine.stopping.target_accuracy import target_accuracy
from learner.engine.stopping.target_error import target_error
from learner.engine.stopping.time_budget import time_budget

STOPPING: dict[str, StoppingCondition] = {
    "label_budget": StoppingCondition(
        label_budget, _("Label budget"), "limit", unset_message=_("No label budget is set.")
    ),
    "time_budget": StoppingCondition(time_budget, _("Time budget"), "limit", unset_message=_("No time budget is set.")),
    "target_accuracy": StoppingCondition(
        target_accuracy, _("Target accuracy"), "limit", unset_message=_("No target is set.")
    ),
    "target_error": StoppingCondition(
        target_error, _("Target error"), "limit", unset_message=_("No target error is set.")
    ),
    "stable_predictions": StoppingCondition(stable_predictions, _("Stable predictions"), "sign", CAREFUL_KAPPA),
    "changed_predictions": StoppingCondition(changed_predictions, _("Changed predictions"), "sign", 0.005),
    "plateau": StoppingCondition(plateau, _("Learning curve"), "sign", 0.01),
    "mean_uncertainty": StoppingCondition(mean_uncertainty, _("Mean uncertainty"), "sign", 0.05),
    "max_uncertainty": StoppingCondition(max_uncertainty, _("Largest uncertainty"), "sign", 0.5),
    "irrelevant_run": StoppingCondition(irrelevant_run, _("Irrelevant in a row"), "search", 100),
    "expected_recall": StoppingCondition(expected_recall, _("Expected recall"), "search", 0.95),
}


def evaluate_conditions(history: History, thresholds: Mapping[str, float | None]) -> dict[str, Advice]:
    """Return what each condition of STOPPING says; `thresholds` go before the defaults."""
    return {name: _evaluate_condition(condition, history, thresholds.get(name)) for name, condition in STOPPING.items()}


def condition_threshold(name: str, thresholds: Mapping[str, float | None]) -> float | None:
    """Return the threshold that a condition is held against; None where it has none."""
    set_threshold = thresholds.get(name)
    return STOPPING[name].threshold if set_threshold is None else set_threshold


def _evaluate_condition(condition: StoppingCondition, history: History, set_threshold: float | None) -> Advice:
    threshold = condition.threshold if set_threshold is None else set_threshold
    if threshold is None:
        return Advice(None, condition.unset_message)
    if condition.kind == "search" and history.is_relevant is None:
        return Advice(None, _("No label is searched for in this project."))
    return condition.evaluate(history, threshold)


__all__ = [
    "STOPPING",
    "Advice",
    "History",
    "RoundRecord",
    "StoppingCondition",
    "condition_threshold",
    "evaluate_conditions",
]
