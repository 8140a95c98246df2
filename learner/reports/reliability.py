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
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, accuracy
from learner.models import Round
from learner.reports.calibration import calibration_report
from learner.reports.control_arm import at_equal_labels, correctness, labels_saved
from learner.reports.prequential import biased_figures, prequential_answers, random_arm, weighted_accuracy
from learner.reports.small_samples import TestAnswers
from learner.reports.suggestion_bias import anchoring


def reliability_report(project: Project, test_answers: TestAnswers, rounds: Sequence[Round]) -> dict[str, Any]:
    """Return the `trust` part of the progress document; every figure has its n, or a reason instead.

    `gold` are the settled test answers by position, `rounds` those with models, oldest first.
    """
    found = prequential_answers(project)
    numbers = [one.round for one in found]
    return {
        "from_round": min(numbers, default=None),
        "to_round": max(numbers, default=None),
        "in_parts": project.kind.answer.in_components,
        "suggestions_seen": sum(one.shown for one in found),
        "test_sample": _test_sample(project, test_answers, rounds),
        "anchoring": anchoring(project),
        "random_arm": random_arm(found),
        "weighted": weighted_accuracy(project, found),
        "biased": biased_figures(project, found, rounds),
        "calibration": calibration_report(project, test_answers, rounds),
        "equal_labels": at_equal_labels(project, test_answers, rounds),
        "labels_saved": labels_saved(project, test_answers, rounds),
    }


def _test_sample(project: Project, test_answers: TestAnswers, rounds: Sequence[Round]) -> dict[str, Any] | None:
    """The newest model's figure, measured as the others are; None while it is unknown."""
    said = rounds[-1].test_predictions if rounds else {}
    right = correctness(project, test_answers, [position for position in test_answers if position in said], said)
    return asdict(accuracy(float(right.sum()), len(right))) if len(right) >= MIN_TEST_ANSWERS else None
