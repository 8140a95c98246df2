"""How far two models say the same of the stop set, for every kind of answer. Pure.

Agreement is one where they say the same everywhere, and near zero where it is no more than chance. Of labels it is
Cohen's kappa; of several labels an item the kappa of each label being there or not; of numbers Lin's concordance. Of
spans and boxes nobody can count what neither model marked: the more that is, the nearer kappa comes to the F1 of one
model's parts against the other's (Hripcsak and Rothschild, JAMIA 2005), so that is their agreement.
"""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from annotation.tasktypes import TaskType
from annotation.tasktypes.answers.component_matching import Match, matching_boxes, matching_components
from learner.engine.contracts.agreement import Agreement, Parts, Predictions
from learner.engine.evaluation.part_matching import count_parts


def kappa(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the kappa of two models' labels, (m,) each (Cohen 1960).

    Two models that both know one label only agree by necessity; that is 1 where it is the same one.

    >>> kappa(np.array(["a", "a", "b", "b"]), np.array(["a", "a", "b", "a"]))
    0.5
    """
    names, codes = np.unique(np.concatenate([one, other]), return_inverse=True)
    a, b = codes[: len(one)], codes[len(one) :]
    agree = float(np.mean(a == b))
    shares = [np.bincount(side, minlength=len(names)) / len(side) for side in (a, b)]
    chance = float(shares[0] @ shares[1])
    return 1.0 if chance >= 1 else (agree - chance) / (1 - chance)


def kappa_of_each(one: Parts, other: Parts) -> float:
    """Return the kappa of whether a label is there, over all items and labels; chance is that of each label.

    It is the mean of the labels' kappas, each weighing as much as chance leaves open: a label that nearly every item
    has adds nearly nothing.

    >>> all_of_them, some = ("every", None), ("some", None)
    >>> one, other = [[all_of_them, some], [all_of_them]], [[all_of_them], [all_of_them]]
    >>> kappa_of_each(one, other)
    0.0
    """
    counts = count_parts(one, other)
    hits, first, second = counts.sums().T / len(one)
    agree, chance = 1 - (first + second - 2 * hits), first * second + (1 - first) * (1 - second)
    open_to_chance = float((1 - chance).sum())
    return 1.0 if open_to_chance <= 0 else float((agree - chance).sum() / open_to_chance)


def concordance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return how far two models' numbers for the same items are the same: 1 where all are (Lin, Biometrics 1989).

    What kappa is to labels: the mean squared difference, held against that of numbers that have nothing to do with
    each other.

    >>> round(concordance(np.array([1.0, 2, 3]), np.array([1.0, 2, 4])), 3)
    0.857
    """
    chance = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return 1.0 if chance <= 0 else float(1 - ((one - other) ** 2).mean() / chance)


def f1_of_parts(one: Parts, other: Parts, match: Match) -> float:
    """Return the F1 of two models' parts, that of either held against the other's; 1 where neither said any."""
    return count_parts(one, other, match).micro()


def _labels(task_type: TaskType, targets: NDArray[Any]) -> Predictions:
    return targets


def _numbers(task_type: TaskType, targets: NDArray[Any]) -> Predictions:
    return targets.astype(float)


def _parts(task_type: TaskType, targets: NDArray[Any]) -> Predictions:
    return [task_type.answer.components(task_type.answer.value(target)) for target in targets.tolist()]


def _changed_labels(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(np.mean(one != other))


def _changed_parts(one: Parts, other: Parts) -> float:
    return 1 - f1_of_parts(one, other, matching_components)


OF_LABELS = Agreement(
    *(_("kappa"), _labels, kappa),
    changed=_changed_labels,
    change=_(
        "From model to model %(changed)s %% of %(items)d fixed items change their label; few is %(threshold)s %%."
    ),
)
OF_SEVERAL_LABELS = Agreement(
    *(_("kappa"), _parts, kappa_of_each),
    changed=_changed_parts,
    change=_(
        "Of the labels that two models in a row give to %(items)d fixed items, %(changed)s %% are given by one of them "
        "only; few is %(threshold)s %%."
    ),
)
OF_NUMBERS = Agreement(_("concordance"), _numbers, concordance)
OF_SPANS = Agreement(_("F1 of spans"), _parts, partial(f1_of_parts, match=matching_components), settles=False)
OF_BOXES = Agreement(_("F1 of boxes"), _parts, partial(f1_of_parts, match=matching_boxes), settles=False)
