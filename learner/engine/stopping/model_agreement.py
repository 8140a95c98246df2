"""How far two models predict the same for the stop set, for every kind of answer. Pure.

Agreement is one where they say the same everywhere, and near zero where it is no more than chance. Of labels it is
Cohen's kappa; of several labels an item the kappa of each label being there or not; of numbers Lin's concordance. Of
spans and boxes nobody can count what neither model marked: the more that is, the nearer kappa comes to the F1 of one
model's components against the other's (Hripcsak and Rothschild, JAMIA 2005), so that is their agreement.
"""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from annotation.tasktypes import TaskType
from annotation.tasktypes.answers.component_matching import Match, matching_boxes, matching_components
from learner.engine.contracts.agreement import Agreement, ItemComponents, Predictions
from learner.engine.evaluation.component_counts import count_components


def cohen_kappa(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the kappa of two models' labels, (m,) each (Cohen 1960).

    Two models that both know one label only agree by necessity; that is 1 where it is the same one.

    >>> cohen_kappa(np.array(["a", "a", "b", "b"]), np.array(["a", "a", "b", "a"]))
    0.5
    """
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    a, b = codes[: len(first)], codes[len(first) :]
    agree = float(np.mean(a == b))
    shares = [np.bincount(side, minlength=len(names)) / len(side) for side in (a, b)]
    chance = float(shares[0] @ shares[1])
    return 1.0 if chance >= 1 else (agree - chance) / (1 - chance)


def multilabel_kappa(first: ItemComponents, second: ItemComponents) -> float:
    """Return the kappa of whether a label is there, over all items and labels; chance is that of each label.

    It is the mean of the labels' kappas, each weighing as much as chance leaves open: a label that nearly every item
    has adds nearly nothing.

    >>> all_of_them, some = ("every", None), ("some", None)
    >>> first, second = [[all_of_them, some], [all_of_them]], [[all_of_them], [all_of_them]]
    >>> multilabel_kappa(first, second)
    0.0
    """
    counts = count_components(first, second)
    both_rate, first_rate, second_rate = counts.sums_by_label().T / len(first)
    agree = 1 - (first_rate + second_rate - 2 * both_rate)
    chance = first_rate * second_rate + (1 - first_rate) * (1 - second_rate)
    open_to_chance = float((1 - chance).sum())
    return 1.0 if open_to_chance <= 0 else float((agree - chance).sum() / open_to_chance)


def lin_concordance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return how far two models' numbers for the same items are the same: 1 where all are (Lin, Biometrics 1989).

    What kappa is to labels: the mean squared difference, held against that of numbers that have nothing to do with
    each other.

    >>> round(lin_concordance(np.array([1.0, 2, 3]), np.array([1.0, 2, 4])), 3)
    0.857
    """
    chance = first.var() + second.var() + (first.mean() - second.mean()) ** 2
    return 1.0 if chance <= 0 else float(1 - ((first - second) ** 2).mean() / chance)


def component_f1(first: ItemComponents, second: ItemComponents, match: Match) -> float:
    """Return the F1 of two models' components against each other; 1 where neither has any."""
    return count_components(first, second, match).micro_f1_value()


def _decode_labels(task_type: TaskType, targets: NDArray[Any]) -> Predictions:
    return targets


def _decode_numbers(task_type: TaskType, targets: NDArray[Any]) -> Predictions:
    return targets.astype(float)


def _decode_components(task_type: TaskType, targets: NDArray[Any]) -> Predictions:
    return [task_type.answer.components(task_type.answer.value(target)) for target in targets.tolist()]


def _changed_label_share(first: NDArray[Any], second: NDArray[Any]) -> float:
    return float(np.mean(first != second))


def _changed_component_share(first: ItemComponents, second: ItemComponents) -> float:
    return 1 - component_f1(first, second, matching_components)


LABEL_AGREEMENT = Agreement(
    *(_("kappa"), _decode_labels, cohen_kappa),
    changed_share=_changed_label_share,
    change_message=_(
        "From model to model %(changed)s %% of %(items)d fixed items change their label; few is %(threshold)s %%."
    ),
)
MULTILABEL_AGREEMENT = Agreement(
    *(_("kappa"), _decode_components, multilabel_kappa),
    changed_share=_changed_component_share,
    change_message=_(
        "Of the labels that two models in a row give to %(items)d fixed items, %(changed)s %% are given by one of them "
        "only; few is %(threshold)s %%."
    ),
)
NUMBER_AGREEMENT = Agreement(_("concordance"), _decode_numbers, lin_concordance)
SPAN_AGREEMENT = Agreement(_("F1 of spans"), _decode_components, partial(component_f1, match=matching_components))
BOX_AGREEMENT = Agreement(_("F1 of boxes"), _decode_components, partial(component_f1, match=matching_boxes))
