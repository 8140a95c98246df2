"""Where to say yes: the newest model of two classes, judged on the test sample by its probabilities."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from annotation.models import Project
from learner.engine.evaluation.precision_recall import MIN_ANSWERS_PER_CLASS, decision, step_at
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.models import Round

USUAL = 0.5  # the threshold of what the model says


def decision_out(project: Project, gold: Mapping[str, str], newest: Round) -> dict[str, Any] | None:
    """Return the part of the progress document, for the class that is rarer in the test sample.

    None where there are not two classes of which an answer is exactly one; a `reason` instead of figures where the
    answers of one are too few.
    """
    classes = newest.metrics.get("classes") or []
    if len(classes) != 2 or not project.kind.answer.one_label:
        return None
    spots = [spot for spot in gold if spot in newest.test_predictions and spot in newest.test_scores]
    truth = np.array([gold[spot] for spot in spots], dtype=object)
    if len(spots) < MIN_TEST_ANSWERS or not set(truth) <= set(classes):
        return None
    rare = min(reversed(classes), key=lambda name: int(np.count_nonzero(truth == name)))
    positive = np.asarray(truth == rare, bool)
    n, positives = len(truth), int(positive.sum())
    named = {"round": newest.number, "label": rare, "n": n, "positives": positives, "share": positives / n}
    if min(positives, n - positives) < MIN_ANSWERS_PER_CLASS:
        message = _("Too few to tell: of %(n)d test answers %(positives)d are “%(label)s”, and it takes %(least)d.")
        empty: dict[str, Any] = {"average_precision": None, "steps": [], "best": None, "now": None}
        return {**named, **empty, "reason": message % {**named, "least": MIN_ANSWERS_PER_CLASS}}
    said = np.array([newest.test_predictions[spot] == rare for spot in spots], bool)
    sure = np.array([newest.test_scores[spot] for spot in spots], np.float64)
    proba = np.where(said, sure, 1 - sure)
    found = asdict(decision(proba, positive, newest.number))
    return {**named, **found, "now": asdict(step_at(proba, positive, USUAL)), "reason": ""}
