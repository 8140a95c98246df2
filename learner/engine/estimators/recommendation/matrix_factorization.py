"""Ratings by users and things as vectors, learnt by turns (factors/turns.py), for pairs as items."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.estimators.recommendation import user_item_pairs, variational_als
from learner.engine.estimators.recommendation.factor_model import FactorModel, Known
from learner.engine.estimators.recommendation.user_item_pairs import Content, Side


def fit(features: NDArray[Any], labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> FactorModel:
    """Fit to `features`, here contents (m,) of pairs, and their ratings (m,), texts of numbers.

    Of ratings of the same pair the mean counts.
    """
    users, things = user_item_pairs.users(features), user_item_pairs.things(features)  # type: ignore[arg-type]
    of_users, user_words = _described(users, user_item_pairs.user_attributes)
    of_things, thing_words = _described(things, user_item_pairs.thing_attributes)
    shape = len(users.names), len(things.names)
    ratings = np.asarray(labels).astype(np.float64)
    counts = coo_matrix((np.ones(len(ratings)), (users.places, things.places)), shape).tocsr()
    means = coo_matrix((ratings, (users.places, things.places)), shape).tocsr()
    means.data /= counts.data
    with few_threads(1):
        found = variational_als.learn(means, of_users, of_things, seed)
    scale = sorted(set(np.asarray(labels).tolist()), key=float)
    return FactorModel(
        Known(users.names, user_words, found.users),
        Known(things.names, thing_words, found.things),
        found.level,
        found.noise,
        tuple(map(str, scale)),
    )


def _described(side: Side, attributes: Callable[[Content], set[str]]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    found = [attributes(content) for content in side.contents]
    known = user_item_pairs.vocabulary(found)
    return user_item_pairs.indicators(found, known), known
