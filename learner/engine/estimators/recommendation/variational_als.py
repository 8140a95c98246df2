"""Vectors of users and things from ratings, by turns: each side's given the other's, with how sure they are.

A rating is mean + bias of the user + bias of the thing + product of both factors + noise. Vectors are normal about what
their attributes let expect; variances are found from the data. Variational Bayes: Lim and Teh, "Variational Bayesian
approach to movie rating prediction", KDD Cup 2007; attributes as in Agarwal and Chen, "Regression-based latent factor
models", KDD 2009. A vector is (bias, factors), d = 1 + FACTORS.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

FACTORS = 5
TURNS = 15
START = 0.1  # variance of biases and factors before the first turn
RIDGE = 5.0  # on what attributes weigh
LEAST = 1e-3  # of a variance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Vectors:
    """What is known of one side: m vectors of d numbers, normal."""

    mean: Floats  # (m, d)
    covariance: Floats  # (m, d, d)
    weights: Floats  # (1 + p, d): attributes -> what a vector is expected to be
    variance: Floats  # (d,) about that

    def expected(self, attributes: Floats) -> Floats:
        """Return (m, d) what vectors with these attributes are expected to be."""
        return np.asarray(attributes @ self.weights)


@dataclass(frozen=True)
class Factors:
    """All that is learnt of ratings."""

    level: float  # mean rating
    noise: float  # variance of a rating about what is expected
    users: Vectors
    things: Vectors


def learn(ratings: csr_matrix, users: Floats, things: Floats, seed: int) -> Factors:
    """Fit to ratings (u, t), of which a stored zero is one too, and attributes (u, 1 + p), (t, 1 + q).

    O(TURNS (ratings d^2 + (u + t) d^3)).
    """
    given = ratings.copy()
    given.data = np.ones_like(given.data)
    level, noise = float(ratings.data.mean()), float(max(ratings.data.var(), LEAST))
    centred = ratings.copy()
    centred.data = ratings.data - level
    rng = np.random.default_rng(seed)
    people, goods = (_start(attributes, rng) for attributes in (users, things))
    across, given_across = centred.T.tocsr(), given.T.tocsr()
    for _ in range(TURNS):
        people = _turn(centred, given, goods, people, users, noise)
        goods = _turn(across, given_across, people, goods, things, noise)
        noise = max(_noise(centred, people, goods), LEAST)
    return Factors(level, noise, people, goods)


def _start(attributes: Floats, rng: np.random.Generator) -> Vectors:
    m, width = attributes.shape
    mean = rng.normal(0, np.sqrt(START), (m, 1 + FACTORS))
    mean[:, 0] = 0
    covariance = np.broadcast_to(np.eye(1 + FACTORS) * START, (m, 1 + FACTORS, 1 + FACTORS)).copy()
    return Vectors(mean, covariance, np.zeros((width, 1 + FACTORS)), np.full(1 + FACTORS, START))


def regressors(vectors: Vectors) -> Floats:
    """Return (m, d) what the other side's vectors are multiplied by: one, and the factors."""
    seen = vectors.mean.copy()
    seen[:, 0] = 1
    return seen


def _turn(
    ratings: csr_matrix, given: csr_matrix, other: Vectors, own: Vectors, attributes: Floats, noise: float
) -> Vectors:
    """Return this side's vectors, rows of `ratings`, given the other's; then what attributes weigh."""
    seen = regressors(other)
    spread = other.covariance.copy()
    shared = spread[:, 0, :].copy()  # of the bias with the factors
    shared[:, 0] = 0
    spread[:, 0, :] = spread[:, :, 0] = 0  # the one does not vary
    squares = seen[:, :, None] * seen[:, None, :] + spread
    d = seen.shape[1]
    gram = (given @ squares.reshape(-1, d * d)).reshape(-1, d, d)
    reward = ratings @ seen - given @ (other.mean[:, :1] * seen + shared)
    expected = own.expected(attributes)
    precision = np.diag(1 / own.variance)
    covariance = np.linalg.inv(gram / noise + precision)
    mean = np.einsum("mab,mb->ma", covariance, reward / noise + expected @ precision)
    ridge = RIDGE * np.eye(attributes.shape[1])
    ridge[0, 0] = LEAST
    weights = np.linalg.solve(attributes.T @ attributes + ridge, attributes.T @ mean)
    left = mean - attributes @ weights
    variance = np.maximum((left**2 + np.einsum("maa->ma", covariance)).mean(axis=0), LEAST)
    return Vectors(mean, covariance, weights, variance)


def _noise(centred: csr_matrix, users: Vectors, things: Vectors) -> float:
    """Return the mean square of what is left of the ratings, the vectors' own doubt included."""
    pairs = centred.tocoo()
    left = pairs.data - score(users.mean[pairs.row], things.mean[pairs.col])
    doubt = variance(users, things, pairs.row, pairs.col)
    return float((left**2 + doubt).mean())


def score(users: Floats, things: Floats) -> Floats:
    """Return (n,) what pairs of vectors make, without the level."""
    return np.asarray(users[:, 0] + things[:, 0] + np.einsum("nk,nk->n", users[:, 1:], things[:, 1:]))


def variance(users: Vectors, things: Vectors, u: NDArray[np.intp], t: NDArray[np.intp]) -> Floats:
    """Return (n,) how much the expected rating of each pair of places may be off, squared."""
    seen, seen_by = regressors(things)[t], regressors(users)[u]
    of_user, of_thing = users.covariance[u], things.covariance[t]
    found = np.einsum("na,nab,nb->n", seen, of_user, seen, optimize=True)
    found += np.einsum("na,nab,nb->n", seen_by, of_thing, seen_by, optimize=True)
    found += np.einsum("nab,nab->n", of_user[:, 1:, 1:], of_thing[:, 1:, 1:])
    return np.asarray(found)
