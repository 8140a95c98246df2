"""How much an answer about a pair would tell about all pairs: by how much the mean variance of ratings would fall.

For a linear model that is known before the answer is given (A-optimal design: Atkinson, Donev and Tobias, "Optimum
Experimental Designs", 2007; of recommendation Rubens et al., "Active Learning in Recommender Systems", 2015).
"""

import numpy as np
from numpy.typing import NDArray

from learner.factors.turns import Floats, Vectors, regressors


def gains(
    known_users: Vectors,
    known_things: Vectors,
    users: Vectors,
    things: Vectors,
    u: NDArray[np.intp],
    t: NDArray[np.intp],
    total: Floats,
) -> Floats:
    """Return (n,) what asking about each pair of places tells about its user, as a share of what there is to tell.

    The known ones are those that were learnt from; `total` (n,) is the variance of each pair's rating, noise included.
    What an answer tells about the thing is added: it counts as much less as there are more things than users.
    """
    of_user = _gain(users.covariance[u], regressors(things)[t], known_things, total)
    of_thing = _gain(things.covariance[t], regressors(users)[u], known_users, total)
    most = float(np.einsum("ab,ba->", np.diag(known_users.variance), _spread(known_things)))
    ratio = len(known_users.mean) / max(len(known_things.mean), 1)
    return np.asarray((of_user + ratio * of_thing) / max(most, 1e-12))


def _spread(vectors: Vectors) -> Floats:
    """Return (d, d) the mean outer product of what the other side is multiplied by; who is known better counts more."""
    seen = regressors(vectors)
    certain = 1 - np.clip(vectors.covariance[:, 0, 0] / vectors.variance[0], 0, 1)
    weights = certain / max(certain.sum(), 1e-12)
    return np.asarray((seen * weights[:, None]).T @ seen)


def _gain(covariance: Floats, seen: Floats, other: Vectors, total: Floats) -> Floats:
    """Return (n,) by how much the mean variance of what this side makes with the other falls by one answer."""
    moved = np.einsum("nab,nb->na", covariance, seen)
    return np.asarray(np.einsum("na,ab,nb->n", moved, _spread(other), moved, optimize=True) / total)
