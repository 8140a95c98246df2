"""Vectors of users and products from ratings, alternating: each side's given the other's, with their covariances.

A rating is mean + bias of the user + bias of the product + inner product of both factors + noise. Vectors
are normal about what their attributes let expect; variances are estimated from the data. Variational Bayes: Lim and
Teh, "Variational Bayesian approach to movie rating prediction", KDD Cup 2007; attributes as in Agarwal and Chen,
"Regression-based latent factor models", KDD 2009. A vector is (bias, factors), d = 1 + FACTOR_COUNT.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

FACTOR_COUNT = 5
ALTERNATIONS = 15
START_VARIANCE = 0.1  # of biases and factors before the first alternation
ATTRIBUTE_RIDGE = 5.0  # on what attributes weigh
MIN_RATING_VARIANCE = 1e-3

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Vectors:
    """One side: m vectors of d numbers, normal."""

    mean: Floats  # (m, d)
    covariance: Floats  # (m, d, d)
    weights: Floats  # (1 + p, d): attributes -> what a vector is expected to be
    variance: Floats  # (d,) about that

    def expected_vectors(self, attributes: Floats) -> Floats:
        """Return (m, d) what vectors with these attributes are expected to be."""
        return np.asarray(attributes @ self.weights)


@dataclass(frozen=True)
class Factors:
    """All that is learnt from ratings."""

    mean_rating: float
    noise: float  # variance of a rating about what is expected
    users: Vectors
    products: Vectors


def fit_factors(ratings: csr_matrix, user_attributes: Floats, product_attributes: Floats, seed: int) -> Factors:
    """Fit to ratings (u, p), of which a stored zero is one too, and attributes (u, 1 + a), (p, 1 + b).

    O(ALTERNATIONS (ratings d^2 + (u + p) d^3)).
    """
    is_rated = ratings.copy()
    is_rated.data = np.ones_like(is_rated.data)
    mean_rating, noise = float(ratings.data.mean()), float(max(ratings.data.var(), MIN_RATING_VARIANCE))
    centred = ratings.copy()
    centred.data = ratings.data - mean_rating
    rng = np.random.default_rng(seed)
    user_vectors, product_vectors = (
        _initial_vectors(attributes, rng) for attributes in (user_attributes, product_attributes)
    )
    centred_by_product, rated_by_product = centred.T.tocsr(), is_rated.T.tocsr()
    for _ in range(ALTERNATIONS):
        user_vectors = _update_vectors(centred, is_rated, product_vectors, user_vectors, user_attributes, noise)
        product_vectors = _update_vectors(
            centred_by_product, rated_by_product, user_vectors, product_vectors, product_attributes, noise
        )
        noise = max(_noise_variance(centred, user_vectors, product_vectors), MIN_RATING_VARIANCE)
    return Factors(mean_rating, noise, user_vectors, product_vectors)


def _initial_vectors(attributes: Floats, rng: np.random.Generator) -> Vectors:
    """Return vectors at random about zero, without biases, one for each row of attributes (m, 1 + p)."""
    m, width = attributes.shape
    mean = rng.normal(0, np.sqrt(START_VARIANCE), (m, 1 + FACTOR_COUNT))
    mean[:, 0] = 0
    covariance = np.broadcast_to(
        np.eye(1 + FACTOR_COUNT) * START_VARIANCE, (m, 1 + FACTOR_COUNT, 1 + FACTOR_COUNT)
    ).copy()
    return Vectors(mean, covariance, np.zeros((width, 1 + FACTOR_COUNT)), np.full(1 + FACTOR_COUNT, START_VARIANCE))


def bias_and_factor_regressors(vectors: Vectors) -> Floats:
    """Return (m, d) what the other side's vectors are multiplied by: one, and the factors."""
    result = vectors.mean.copy()
    result[:, 0] = 1
    return result


def _update_vectors(
    ratings: csr_matrix, is_rated: csr_matrix, other: Vectors, own: Vectors, attributes: Floats, noise: float
) -> Vectors:
    """Return this side's vectors, rows of `ratings`, given the other's; then what attributes weigh."""
    x = bias_and_factor_regressors(other)
    covariance_x = other.covariance.copy()
    shared = covariance_x[:, 0, :].copy()  # of the bias with the factors
    shared[:, 0] = 0
    covariance_x[:, 0, :] = covariance_x[:, :, 0] = 0  # the one does not vary
    squares = x[:, :, None] * x[:, None, :] + covariance_x
    d = x.shape[1]
    gram = (is_rated @ squares.reshape(-1, d * d)).reshape(-1, d, d)
    weighted_ratings = ratings @ x - is_rated @ (other.mean[:, :1] * x + shared)
    expected = own.expected_vectors(attributes)
    precision = np.diag(1 / own.variance)
    covariance = np.linalg.inv(gram / noise + precision)
    mean = np.einsum("mab,mb->ma", covariance, weighted_ratings / noise + expected @ precision)
    ridge = ATTRIBUTE_RIDGE * np.eye(attributes.shape[1])
    ridge[0, 0] = MIN_RATING_VARIANCE
    weights = np.linalg.solve(attributes.T @ attributes + ridge, attributes.T @ mean)
    residual = mean - attributes @ weights
    variance = np.maximum((residual**2 + np.einsum("maa->ma", covariance)).mean(axis=0), MIN_RATING_VARIANCE)
    return Vectors(mean, covariance, weights, variance)


def _noise_variance(centred: csr_matrix, users: Vectors, products: Vectors) -> float:
    """Return the mean square of what is left of the ratings, the vectors' own variance included."""
    pairs = centred.tocoo()
    residual = pairs.data - centred_ratings(users.mean[pairs.row], products.mean[pairs.col])
    return float((residual**2 + expected_rating_variance(users, products, pairs.row, pairs.col)).mean())


def centred_ratings(users: Floats, products: Floats) -> Floats:
    """Return (n,) the ratings of pairs of vectors, without the mean."""
    return np.asarray(users[:, 0] + products[:, 0] + np.einsum("nk,nk->n", users[:, 1:], products[:, 1:]))


def expected_rating_variance(users: Vectors, products: Vectors, u: NDArray[np.intp], p: NDArray[np.intp]) -> Floats:
    """Return (n,) how much the expected rating of each pair of positions may be off, squared."""
    product_x, user_x = bias_and_factor_regressors(products)[p], bias_and_factor_regressors(users)[u]
    of_user, of_product = users.covariance[u], products.covariance[p]
    result = np.einsum("na,nab,nb->n", product_x, of_user, product_x, optimize=True)
    result += np.einsum("na,nab,nb->n", user_x, of_product, user_x, optimize=True)
    result += np.einsum("nab,nab->n", of_user[:, 1:, 1:], of_product[:, 1:, 1:])
    return np.asarray(result)
