"""Cross-validation on the labels of the loop: the figure that most tools show, and that misleads.

Of actively chosen labels it speaks about hard items only, and is far too low; that is why it is shown as biased.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TaskType
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.estimators import Model, estimator

FOLDS = 5
MIN_LABELS_TO_FOLD = 30
MAX_LABELS_TO_FOLD = 1000  # judged; more would keep the worker longer than the figure is worth

Fit = Callable[[NDArray[Any], NDArray[Any], int], Model]


def chosen_out_of_fold(
    inp: IterationInput, settings: IterationSettings, task_type: TaskType
) -> tuple[float, int] | None:
    """Return (right, judged) of the training labels that the random arm did not bring; None where there are none.

    Answers that are right in part count in part.
    """
    if len(inp.train_rows) < MIN_LABELS_TO_FOLD:
        return None
    fit = estimator(settings.estimator)
    places, said = out_of_fold(fit, inp.model_input, inp.train_rows, inp.train_labels, FOLDS, inp.seed)
    chosen = ~np.isin(inp.train_rows[places], inp.control_rows)
    pairs = zip(said[chosen].tolist(), inp.train_labels[places[chosen]].tolist(), strict=True)
    right = [task_type.answer.similarity(one, other) for one, other in pairs]
    return (sum(right), len(right)) if right else None


def out_of_fold(
    fit: Fit, features: NDArray[Any], rows: NDArray[np.intp], labels: NDArray[Any], folds: int, seed: int
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return (places among `rows` that were judged, what models that had not seen them said).

    `features` (n, d), `rows` (m,) with their `labels` (m,). A fold whose remaining labels are of one class is
    left out; with more than MAX_LABELS_TO_FOLD labels that many are drawn.
    """
    rng = np.random.default_rng(seed % 2**63)
    order = rng.permutation(len(rows))[:MAX_LABELS_TO_FOLD]
    places: list[NDArray[np.intp]] = []
    said: list[NDArray[Any]] = []
    for part in np.array_split(order, folds) if len(order) >= folds else []:
        others = np.setdiff1d(order, part)
        if len(set(labels[others].tolist())) < 2:
            continue
        model = fit(features[rows[others]], labels[others].astype(str), seed)
        places.append(part)
        said.append(model.predict(features, rows[part]))
    if not places:
        return np.empty(0, np.intp), np.empty(0, object)
    return np.concatenate(places), np.concatenate(said)
