"""How far to trust the figures: other estimates beside the test sample's, whether the model knows how sure it may be,
and what was gained over random labels.

An answer about a training item comes with what the round that chose it would have said, before any model had seen
the answer. That gives three figures about the last models: of the random arm (honest, as it is a random sample), of
the strategy's draws weighted by their probabilities (honest within limits), and of the strategy's draws as they are
(biased: it asks about what is hard).
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from annotation.models import Project
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, accuracy_estimate
from learner.models import Round
from learner.reports.calibration import calibration_report
from learner.reports.control_arm import compare_arms_at_equal_labels, estimate_labels_saved, score_predictions
from learner.reports.prequential import (
    biased_accuracy_report,
    prequential_answers,
    random_arm_accuracy_report,
    weighted_accuracy_report,
)
from learner.reports.small_samples import TestAnswers
from learner.reports.suggestion_bias import anchoring_report


def reliability_report(project: Project, test_answers: TestAnswers, rounds: Sequence[Round]) -> dict[str, Any]:
    """Return the `trust` part of the progress document; every figure has its n, or a reason instead.

    `test_answers` are the settled test answers by position, `rounds` those with models, oldest first.
    """
    answers = prequential_answers(project)
    numbers = [one.round for one in answers]
    return {
        "from_round": min(numbers, default=None),
        "to_round": max(numbers, default=None),
        "in_parts": project.kind.answer.in_components,
        "suggestions_seen": sum(one.shown for one in answers),
        "test_sample": _test_sample_accuracy(project, test_answers, rounds),
        "anchoring": anchoring_report(project),
        "random_arm": random_arm_accuracy_report(answers),
        "weighted": weighted_accuracy_report(project, answers),
        "biased": biased_accuracy_report(project, answers, rounds),
        "calibration": calibration_report(project, test_answers, rounds),
        "equal_labels": compare_arms_at_equal_labels(project, test_answers, rounds),
        "labels_saved": estimate_labels_saved(project, test_answers, rounds),
    }


def _test_sample_accuracy(
    project: Project, test_answers: TestAnswers, rounds: Sequence[Round]
) -> dict[str, Any] | None:
    """Return the newest model's accuracy, measured as the other estimates are; None while it is unknown."""
    predictions = rounds[-1].test_predictions if rounds else {}
    positions = [position for position in test_answers if position in predictions]
    scores = score_predictions(project, test_answers, positions, predictions)
    return asdict(accuracy_estimate(float(scores.sum()), len(scores))) if len(scores) >= MIN_TEST_ANSWERS else None
