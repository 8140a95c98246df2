"""The figures of a test sample in a project that has none because it finds all items of a label: none, and why."""

from typing import Any

from django.utils.translation import gettext as _

from annotation.models import Project
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.reports.learning_curves import metric_descriptions

NOT_KNOWN: dict[str, Any] = {"value": None, "low": None, "high": None}


def not_measured_message() -> str:
    return _("Not measured in a find-all project: it needs a random sample.")


def unmeasured_report(project: Project) -> dict[str, Any]:
    """Return what `learning_curves.test_sample_report` does, without a figure."""
    reason = not_measured_message()
    return {
        "measures": metric_descriptions(project),
        "test": {"answered": 0, "needed": MIN_TEST_ANSWERS, "possible": 0, "reason": reason},
        "curve": None,
        "curve_reason": reason,
        "control_curve": None,
        "control_curve_reason": reason,
        "estimators": {},
        "current": None,
        "decision": None,
        "trust": _unmeasured_reliability(reason),
    }


def _unmeasured_reliability(reason: str) -> dict[str, Any]:
    """Return what `reliability.reliability_report` does, without a figure."""
    return {
        "from_round": None,
        "to_round": None,
        "in_parts": False,
        "suggestions_seen": 0,
        "test_sample": None,
        "anchoring": None,
        "random_arm": {"accuracy": None, "reason": reason},
        "weighted": {"accuracy": None, "reason": reason, "n": 0, "effective": None, "reach": None},
        "biased": {
            "before_training": None,
            "before_training_reason": reason,
            "out_of_fold": None,
            "out_of_fold_reason": reason,
        },
        "calibration": {
            "round": None,
            "n": 0,
            "what": "",
            "bins": [],
            "error": None,
            "by_chance": None,
            "by_chance_high": None,
            "reason": reason,
        },
        "equal_labels": {"difference": None, "active": None, "random": None, "reason": reason},
        "labels_saved": {
            "labels": 0,
            "random_labels": NOT_KNOWN,
            "saved": NOT_KNOWN,
            "limit": None,
            "n": 0,
            "reason": reason,
        },
    }
