"""The random control arm beside the strategy: at equal labels, and in labels saved."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from annotation.models import Project
from learner.engine.evaluation.label_savings import (
    MAX_EXTRAPOLATION,
    MIN_CURVE_POINTS,
    LabelsNeeded,
    paired_difference,
    random_labels_needed,
)
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, accuracy_estimate
from learner.loop_options import loop_options
from learner.models import Round
from learner.reports.small_samples import TestAnswers, too_few_answers_message

NEAR_SHARE = 0.1  # label counts that differ by less than this share, or by NEAR_LABELS, count as equal
NEAR_LABELS = 5


def _newest_round_per_control_size(project: Project, rounds: Sequence[Round]) -> tuple[list[Round], str]:
    """Return the newest round of each size of the random arm, or why there is nothing to compare."""
    if loop_options(project).strategy == "random":
        return [], _("The strategy is random: there is nothing to compare it with.")
    newest = {row.control_labels: row for row in rounds if row.control_predictions and row.control_labels}
    control_rounds = sorted(newest.values(), key=lambda row: row.control_labels)
    return control_rounds, "" if control_rounds else _("No model has been trained on the random arm alone yet.")


def score_predictions(
    project: Project, test_answers: TestAnswers, positions: Sequence[str], predictions: Mapping[str, str]
) -> NDArray[np.float64]:
    """Return (n,) how similar the prediction of each test item is to its answer, 0 to 1."""
    return np.array(
        [project.kind.answer.similarity(predictions[position], test_answers[position]) for position in positions],
        np.float64,
    )


def compare_arms_at_equal_labels(
    project: Project, test_answers: TestAnswers, rounds: Sequence[Round]
) -> dict[str, Any]:
    """Compare the arms at the largest number of labels that a model of each of them had, on the same answers."""
    control_rounds, reason = _newest_round_per_control_size(project, rounds)
    for control_round in reversed(control_rounds):
        active_round = min(rounds, key=lambda row: (abs(row.labels - control_round.control_labels), -row.number))
        if abs(active_round.labels - control_round.control_labels) > max(
            NEAR_LABELS, NEAR_SHARE * control_round.control_labels
        ):
            continue
        positions = [
            position
            for position in test_answers
            if position in control_round.control_predictions and position in active_round.test_predictions
        ]
        if len(positions) < MIN_TEST_ANSWERS:
            reason = too_few_answers_message(len(positions))
            continue
        active_scores = score_predictions(project, test_answers, positions, active_round.test_predictions)
        control_scores = score_predictions(project, test_answers, positions, control_round.control_predictions)
        return {
            "difference": asdict(paired_difference(active_scores, control_scores)),
            "active": {
                "labels": active_round.labels,
                "accuracy": asdict(accuracy_estimate(float(active_scores.sum()), len(active_scores))),
            },
            "random": {
                "labels": control_round.control_labels,
                "accuracy": asdict(accuracy_estimate(float(control_scores.sum()), len(control_scores))),
            },
            "reason": "",
        }
    reason = reason or _("Not yet known: no two models of the arms had about equally many labels.")
    return {"difference": None, "active": None, "random": None, "reason": reason}


def estimate_labels_saved(project: Project, test_answers: TestAnswers, rounds: Sequence[Round]) -> dict[str, Any]:
    """Estimate how many random labels would be as good as the newest model's, by the random arm's curve."""
    control_rounds, reason = _newest_round_per_control_size(project, rounds)
    positions = _positions_in_all(
        test_answers,
        [*(row.control_predictions for row in control_rounds), *(row.test_predictions for row in rounds[-1:])],
    )
    if not reason and len(positions) < MIN_TEST_ANSWERS:
        reason = too_few_answers_message(len(positions))
    if not reason and len(control_rounds) < MIN_CURVE_POINTS:
        message = _("Not yet known: it takes the random arm at %(needed)d sizes, and there are %(have)d.")
        reason = message % {"needed": MIN_CURVE_POINTS, "have": len(control_rounds)}
    if reason:
        return _saving_document(None, 0, reason)
    newest = rounds[-1]
    sizes, scores_by_size = (
        [row.control_labels for row in control_rounds],
        [score_predictions(project, test_answers, positions, row.control_predictions) for row in control_rounds],
    )
    needed_labels = random_labels_needed(
        sizes,
        np.array(scores_by_size),
        score_predictions(project, test_answers, positions, newest.test_predictions),
        newest.number,
    )
    if needed_labels is None:
        return _saving_document(None, newest.labels, _("Not yet known: the random arm's curve does not rise yet."))
    if needed_labels.value is None:
        message = _(
            "Not yet known: the random arm would need more than %(limit)d labels, "
            "and its curve is not to be believed beyond %(times)d times the labels that it has."
        )
        return _saving_document(
            needed_labels, newest.labels, message % {"limit": needed_labels.limit, "times": MAX_EXTRAPOLATION}
        )
    return _saving_document(needed_labels, newest.labels, "")


def _positions_in_all(test_answers: TestAnswers, predictions: Sequence[Mapping[str, str]]) -> list[str]:
    return [position for position in test_answers if all(position in predictions for predictions in predictions)]


def _saving_document(needed_labels: LabelsNeeded | None, labels: int, reason: str) -> dict[str, Any]:
    """`saved` may be negative; an end of an interval is None where it is too far to tell."""
    ends = {name: getattr(needed_labels, name) if needed_labels else None for name in ("value", "low", "high")}
    return {
        "labels": labels,
        "random_labels": ends,
        "saved": {name: None if end is None else end - labels for name, end in ends.items()},
        "limit": needed_labels.limit if needed_labels else None,
        "n": needed_labels.n if needed_labels else 0,
        "reason": reason,
    }
