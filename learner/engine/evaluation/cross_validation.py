"""Cross-validation on the labels of the loop: the figure that most tools show, and that misleads.

Of actively chosen labels it speaks about hard items only, and is far too low; that is why it is shown as biased.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TaskType
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.estimators import Model, estimator_named

FOLDS = 5
MIN_LABELS_TO_FOLD = 30
MAX_LABELS_TO_FOLD = 1000  # judged; more would keep the worker longer than the figure is worth

FitFunction = Callable[[NDArray[Any], NDArray[Any], int], Model]


def count_correct_out_of_fold(
    inp: IterationInput, settings: IterationSettings, task_type: TaskType
) -> tuple[float, int] | None:
    """Return (right, judged) of the training labels that the random arm did not bring; None where there are none.

    Answers that are right in part count in part.
    """
    if len(inp.train_rows) < MIN_LABELS_TO_FOLD:
        return None
    fit = estimator_named(settings.estimator)
    positions, predictions = out_of_fold_predictions(
        fit, inp.model_input, inp.train_rows, inp.train_labels, FOLDS, inp.seed
    )
    chosen = ~np.isin(inp.train_rows[positions], inp.control_rows)
    pairs = zip(predictions[chosen].tolist(), inp.train_labels[positions[chosen]].tolist(), strict=True)
    similarities = [task_type.answer.similarity(predicted, answered) for predicted, answered in pairs]
    return (sum(similarities), len(similarities)) if similarities else None


def out_of_fold_predictions(
    fit: FitFunction, features: NDArray[Any], rows: NDArray[np.intp], labels: NDArray[Any], folds: int, seed: int
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return (positions among `rows`, predictions of models that had not seen these).

    `features` (n, d), `rows` (m,) with their `labels` (m,). A fold whose remaining labels are of one class is
    left out; with more than MAX_LABELS_TO_FOLD labels that many are drawn.
    """
    rng = np.random.default_rng(seed % 2**63)
    order = rng.permutation(len(rows))[:MAX_LABELS_TO_FOLD]
    positions: list[NDArray[np.intp]] = []
    predictions: list[NDArray[Any]] = []
    for fold in np.array_split(order, folds) if len(order) >= folds else []:
        others = np.setdiff1d(order, fold)
        if len(set(labels[others].tolist())) < 2:
            continue
        model = fit(features[rows[others]], labels[others].astype(str), seed)
        positions.append(fold)
        predictions.append(model.predict(features, rows[fold]))
    if not positions:
        return np.empty(0, np.intp), np.empty(0, object)
    return np.concatenate(positions), np.concatenate(predictions)
