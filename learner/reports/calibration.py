"""Whether the newest model is right as often as it is confident, on the test sample."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from annotation.models import Project
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.evaluation.calibration import measure_calibration
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, PREDICTION_INTERVAL_SHARE, accuracy_estimate
from learner.models import Round
from learner.reports.small_samples import TestAnswers, too_few_answers_message


def calibration_report(project: Project, test_answers: TestAnswers, rounds: Sequence[Round]) -> dict[str, Any]:
    """Compare the newest model's confidence with its accuracy on the test sample: the `calibration` of the document."""
    empty: dict[str, Any] = {
        "bins": [],
        "error": None,
        "by_chance": None,
        "by_chance_high": None,
        "round": None,
        "what": "",
    }
    if not rounds:
        return {
            **empty,
            "n": 0,
            "reason": _("There is no model yet: it needs answers with at least two different labels."),
        }
    newest = rounds[-1]
    positions = [
        position for position in test_answers if position in newest.test_predictions and position in newest.test_scores
    ]
    if len(positions) < MIN_TEST_ANSWERS:
        return {**empty, "n": len(positions), "reason": too_few_answers_message(len(positions))}
    if not project.kind.answer.has_labels:
        return {
            **empty,
            "n": len(positions),
            "round": newest.number,
            "reason": _interval_coverage_message(test_answers, positions, newest),
        }
    confidences, correct, counted_unit = _confidence_and_correctness(
        project, {position: test_answers[position] for position in positions}, newest
    )
    if len(confidences) < MIN_TEST_ANSWERS:
        return {**empty, "n": len(confidences), "reason": _("The model says too little of the test sample yet.")}
    return {
        **asdict(measure_calibration(confidences, correct, newest.number)),
        "round": newest.number,
        "what": counted_unit,
        "reason": "",
    }


def _confidence_and_correctness(
    project: Project, test_answers: TestAnswers, newest: Round
) -> tuple[NDArray[np.float64], NDArray[np.bool_], str]:
    """Return the model's confidence in its predictions, whether they are right, and what was counted."""
    confidences = evaluation_of_task_type(project.task_type).component_confidences
    if confidences is not None:
        scores, correct = confidences(project.kind, test_answers, newest.test_predictions, newest.test_detections)
        return scores, correct, _("boxes in test images")
    scores = np.array([newest.test_scores[position] for position in test_answers], np.float64)
    is_correct = np.array(
        [
            project.kind.answer.is_same(newest.test_predictions[position], test_answers[position])
            for position in test_answers
        ],
        bool,
    )
    return scores, is_correct, _("whole test answers") if project.kind.answer.in_components else _("test answers")


def _interval_coverage_message(test_answers: TestAnswers, positions: Sequence[str], newest: Round) -> str:
    """Say how many of the test answers lie in the intervals that the model gave with its numbers."""
    errors = [abs(float(test_answers[position]) - float(newest.test_predictions[position])) for position in positions]
    covered = accuracy_estimate(
        sum(error <= newest.test_scores[position] for error, position in zip(errors, positions, strict=True)),
        len(positions),
    )
    message = _(
        "The model gives an interval with each number, which is to hold the answer in %(wanted)d %% of cases. It held "
        "%(value)s of %(n)d test answers (%(low)s to %(high)s)."
    )
    shares = {name: f"{getattr(covered, name):.1%}" for name in ("value", "low", "high")}
    return message % {"wanted": round(100 * PREDICTION_INTERVAL_SHARE), "n": covered.n, **shares}
