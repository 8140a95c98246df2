"""Where to say yes: the newest model of two classes, judged on the test sample by its probabilities."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from annotation.models import Project
from learner.engine.evaluation.precision_recall import (
    MIN_ANSWERS_PER_CLASS,
    evaluate_threshold,
    precision_recall_report,
)
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.models import Round

DEFAULT_DECISION_THRESHOLD = 0.5  # at which the model predicts the class


def decision_threshold_report(
    project: Project, test_answers: Mapping[str, str], newest: Round
) -> dict[str, Any] | None:
    """Return the part of the progress document, for the class that is rarer in the test sample.

    None where there are not two classes of which an answer is exactly one; a `reason` instead of figures where the
    answers of one are too few.
    """
    classes = newest.metrics.get("classes") or []
    if len(classes) != 2 or not project.kind.answer.one_label:
        return None
    positions = [
        position for position in test_answers if position in newest.test_predictions and position in newest.test_scores
    ]
    truth = np.array([test_answers[position] for position in positions], dtype=object)
    if len(positions) < MIN_TEST_ANSWERS or not set(truth) <= set(classes):
        return None
    rare = min(reversed(classes), key=lambda name: int(np.count_nonzero(truth == name)))
    positive = np.asarray(truth == rare, bool)
    n, positives = len(truth), int(positive.sum())
    named = {"round": newest.number, "label": rare, "n": n, "positives": positives, "share": positives / n}
    if min(positives, n - positives) < MIN_ANSWERS_PER_CLASS:
        message = _("Too few to tell: of %(n)d test answers %(positives)d are “%(label)s”, and it takes %(least)d.")
        empty: dict[str, Any] = {"average_precision": None, "steps": [], "best": None, "now": None}
        return {**named, **empty, "reason": message % {**named, "least": MIN_ANSWERS_PER_CLASS}}
    predicted = np.array([newest.test_predictions[position] == rare for position in positions], bool)
    confidence = np.array([newest.test_scores[position] for position in positions], np.float64)
    proba = np.where(predicted, confidence, 1 - confidence)
    report = asdict(precision_recall_report(proba, positive, newest.number))
    return {
        **named,
        **report,
        "now": asdict(evaluate_threshold(proba, positive, DEFAULT_DECISION_THRESHOLD)),
        "reason": "",
    }
