"""Ratings by users and products as vectors, fitted by variational alternating least squares, for pairs as items."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.estimators.recommendation import user_item_pairs, variational_als
from learner.engine.estimators.recommendation.factor_model import FactorModel, FittedSide
from learner.engine.estimators.recommendation.user_item_pairs import Content, Side


def fit(
    features: NDArray[Any], labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> FactorModel:
    """Fit to `features`, here contents (m,) of pairs, and their ratings (m,), texts of numbers.

    Of ratings of the same pair the mean counts.
    """
    users, products = user_item_pairs.user_side(features), user_item_pairs.product_side(features)  # type: ignore[arg-type]
    user_table, user_words = _attribute_table(users, user_item_pairs.user_attributes)
    product_table, product_words = _attribute_table(products, user_item_pairs.product_attributes)
    shape = len(users.names), len(products.names)
    ratings = np.asarray(labels).astype(np.float64)
    counts = coo_matrix((np.ones(len(ratings)), (users.positions, products.positions)), shape).tocsr()
    means = coo_matrix((ratings, (users.positions, products.positions)), shape).tocsr()
    means.data /= counts.data
    with limit_blas_threads(1):
        factors = variational_als.fit_factors(means, user_table, product_table, seed)
    scale = sorted(set(np.asarray(labels).tolist()), key=float)
    return FactorModel(
        FittedSide(users.names, user_words, factors.users),
        FittedSide(products.names, product_words, factors.products),
        factors.mean_rating,
        factors.noise,
        tuple(map(str, scale)),
    )


def _attribute_table(
    side: Side, attributes: Callable[[Content], set[str]]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the `attribute_indicators` (m, 1 + p) of the names of a side, and the p attributes."""
    attributes_of_names = [attributes(content) for content in side.contents]
    vocabulary = user_item_pairs.shared_attributes(attributes_of_names)
    return user_item_pairs.attribute_indicators(attributes_of_names, vocabulary), vocabulary
