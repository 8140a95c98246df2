"""A linear support vector machine in which rare classes weigh more; its probabilities are a softmax of its margins."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision
from learner.engine.fitting.class_weights import label_weights
from learner.engine.fitting.tuning import tune

C = 0.5
CHOICES = (0.1, 0.5)  # never better above, measured with 50 to 500 labels
SHARPNESS = 2.0  # one unit of decision is worth this much in the softmax, until there are labels to calibrate it


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> LinearModel:
    """Fit one machine per class (one in all for two classes)."""

    def machine(rows: NDArray[np.intp], c: float) -> LinearModel:
        said = labels[rows]
        found = LinearSVC(C=c, random_state=seed % 2**32).fit(features[rows], said, label_weights(said))
        return from_decision(found.coef_, found.intercept_, found.classes_).sharpened(SHARPNESS)

    with few_threads(1):  # too little work to share
        tuned = tune(machine, features, labels, CHOICES, C, seed, fair)
        return machine(np.arange(len(labels)), tuned.value).sharpened(tuned.sharpness)
