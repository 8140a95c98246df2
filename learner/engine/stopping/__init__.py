"""Stopping conditions: pure. Add one by a function `(history, threshold) -> advice` and a line in STOPPING.

They suggest; a person decides.
"""

from collections.abc import Mapping

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, Condition, History, RoundRecord
from learner.engine.stopping.changed_predictions import changed_predictions
from learner.engine.stopping.expected_recall import expected_recall
from learner.engine.stopping.irrelevant_run import irrelevant_run
from learner.engine.stopping.label_budget import label_budget
from learner.engine.stopping.plateau import plateau
from learner.engine.stopping.remaining_uncertainty import max_uncertainty, mean_uncertainty
from learner.engine.stopping.stable_predictions import CAREFUL, stable_predictions
from learner.engine.stopping.target_accuracy import target_accuracy
from learner.engine.stopping.target_error import target_error
from learner.engine.stopping.time_budget import time_budget

STOPPING: dict[str, Condition] = {
    "label_budget": Condition(label_budget, _("Label budget"), "limit", unset=_("No label budget is set.")),
    "time_budget": Condition(time_budget, _("Time budget"), "limit", unset=_("No time budget is set.")),
    "target_accuracy": Condition(target_accuracy, _("Target accuracy"), "limit", unset=_("No target is set.")),
    "target_error": Condition(target_error, _("Target error"), "limit", unset=_("No target error is set.")),
    "stable_predictions": Condition(stable_predictions, _("Stable predictions"), "sign", CAREFUL),
    "changed_predictions": Condition(changed_predictions, _("Changed predictions"), "sign", 0.005),
    "plateau": Condition(plateau, _("Learning curve"), "sign", 0.01),
    "mean_uncertainty": Condition(mean_uncertainty, _("Mean uncertainty"), "sign", 0.05),
    "max_uncertainty": Condition(max_uncertainty, _("Largest uncertainty"), "sign", 0.5),
    "irrelevant_run": Condition(irrelevant_run, _("Irrelevant in a row"), "search", 100),
    "expected_recall": Condition(expected_recall, _("Expected recall"), "search", 0.95),
}


def judge(history: History, thresholds: Mapping[str, float | None]) -> dict[str, Advice]:
    """Return what each condition of STOPPING says; `thresholds` go before the defaults."""
    return {name: _one(condition, history, thresholds.get(name)) for name, condition in STOPPING.items()}


def threshold_of(name: str, thresholds: Mapping[str, float | None]) -> float | None:
    """Return the threshold that a condition is held against; None where it has none."""
    given = thresholds.get(name)
    return STOPPING[name].threshold if given is None else given


def _one(condition: Condition, history: History, given: float | None) -> Advice:
    threshold = condition.threshold if given is None else given
    if threshold is None:
        return Advice(None, condition.unset)
    if condition.kind == "search" and history.relevance is None:
        return Advice(None, _("No label is searched for in this project."))
    return condition.judge(history, threshold)


__all__ = ["STOPPING", "Advice", "Condition", "History", "RoundRecord", "judge", "threshold_of"]
