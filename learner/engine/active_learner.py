"""The loop of live rounds in a few lines of Python: choose rows, label them, fit a model. No Django, no database.

learner = ActiveLearner(features_of("text", texts))
while len(learner.labels) < 100:
    rows = learner.query(10)
    learner.teach(rows, [ask(texts[row]) for row in rows])
model = learner.fit()
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse

from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Model, choices_of, fit_after
from learner.engine.contracts.iteration import FittedIteration, IterationInput, IterationSettings, Rows
from learner.engine.estimators import estimator_named
from learner.engine.loop import iteration
from learner.engine.uncertainty.pool_scores import score_pool

__all__ = ["ActiveLearner", "IterationSettings"]

NO_ROWS: Rows = np.empty(0, np.intp)


class ActiveLearner:
    """A pool, the labels given so far, and the settings of the loop: strategy, estimator and their parameters."""

    def __init__(
        self,
        features: Matrix | Sequence[Sequence[float]],
        settings: IterationSettings | None = None,
        *,
        seed: int = 0,
        contents: NDArray[Any] | None = None,
    ) -> None:
        """Take (n, d) features and, for an estimator that reads contents (spans, ratings, boxes), those (n,) too.

        A share of what is chosen, `settings.random_share`, is drawn at random: estimators calibrate themselves by it.
        """
        self.features: Matrix = csr_matrix(features) if issparse(features) else np.asarray(features, np.float32)
        self.contents, self.seed = contents, seed
        self.settings = replace(settings or IterationSettings(), test_share=0.0)
        self.labels: dict[int, str] = {}  # by row, in the order given
        self._random_order = np.random.default_rng(seed).permutation(self.features.shape[0])
        self._random_rows: set[int] = set()  # those chosen at random
        self._model: Model | None = None  # of all labels; None until it is fitted
        self._choices: Mapping[str, Any] = {}  # of the last model that was fitted
        self._query_count = 0  # so far

    def fit(self) -> Model | None:
        """Return a model of all labels so far; None while they are of fewer than two kinds."""
        if self._model is None and len(set(self.labels.values())) > 1:
            iteration_input = self._iteration_input()
            is_random_sample = np.isin(iteration_input.train_rows, iteration_input.control_rows)
            self._model = fit_after(
                estimator_named(self.settings.estimator),
                self._choices,
                iteration_input.model_input[iteration_input.train_rows],
                iteration_input.train_labels.astype(str),
                self.seed,
                is_random_sample,
            )
            self._choices = choices_of(self._model)
        return self._model

    def query(self, n: int) -> Rows:
        """Return up to n rows without a label, the one to ask about first coming first."""
        self._query_count += 1
        model, iteration_input = self.fit(), self._iteration_input()
        scores = score_pool(model, iteration_input.model_input) if model else None
        settings = replace(self.settings, batch_size=n, depth=n)
        result = iteration.build_queue(iteration_input, settings, FittedIteration(model, None), scores)
        chosen = result.choices[:n]
        self._random_rows |= {item.row for item in chosen if item.reason == "random"}
        return np.array([item.row for item in chosen], np.intp)

    def teach(self, rows: Iterable[int], labels: Iterable[str]) -> None:
        """Give rows their labels; a later label of a row takes the place of an earlier one."""
        self.labels |= {int(row): str(label) for row, label in zip(rows, labels, strict=True)}
        self._model = None

    def _iteration_input(self) -> IterationInput:
        rows = np.array(list(self.labels), np.intp)
        labels = np.array(list(self.labels.values()), object)
        is_random_sample = np.isin(rows, list(self._random_rows))
        available = np.ones(self.features.shape[0], bool)
        available[rows] = False
        return IterationInput(
            features=self.features,
            train_rows=rows,
            train_labels=labels,
            control_rows=rows[is_random_sample],
            control_labels=labels[is_random_sample],
            available=available,
            random_rows=self._random_order[available[self._random_order]],
            test_rows=NO_ROWS,
            open_test_rows=NO_ROWS,
            seed=self.seed,
            round_number=max(self._query_count, 1),
            contents=self.contents,
        )
