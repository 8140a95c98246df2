"""How much an answer about a pair would tell about all pairs: by how much the sum of their variances would fall.

For a linear model that is known before the answer is given (A-optimal design: Atkinson, Donev and Tobias, "Optimum
Experimental Designs", 2007; of recommendation Rubens et al., "Active Learning in Recommender Systems", 2015).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from learner.factors.turns import Floats, Vectors, regressors

Places = NDArray[np.intp]


def gains(users: Vectors, things: Vectors, u: Places, t: Places) -> Callable[[Places, Floats], Floats]:
    """Return a function of some of the n pairs and their variances, noise included: what asking about each tells.

    `u` and `t` (n,) are all pairs, those to foretell, as places among the users and the things. Asking tells of all
    pairs of the same user, and of all of the same thing.
    """
    counts = csr_matrix((np.ones(len(u)), (u, t)), (len(users.mean), len(things.mean)))
    of_users, of_things = _met(counts, things), _met(counts.T.tocsr(), users)

    def of_pairs(pairs: Places, total: Floats) -> Floats:
        by_user = _fall(users.covariance[u[pairs]], regressors(things)[t[pairs]], of_users[u[pairs]])
        by_thing = _fall(things.covariance[t[pairs]], regressors(users)[u[pairs]], of_things[t[pairs]])
        return np.asarray((by_user + by_thing) / total)

    return of_pairs


def _met(counts: csr_matrix, other: Vectors) -> Floats:
    """Return (m, d, d) of each row the sum of outer products of what it is multiplied by in its pairs."""
    seen = regressors(other)
    d = seen.shape[1]
    squares = (seen[:, :, None] * seen[:, None, :]).reshape(-1, d * d)
    return np.asarray(counts @ squares).reshape(-1, d, d)


def _fall(covariance: Floats, seen: Floats, met: Floats) -> Floats:
    moved = np.einsum("nab,nb->na", covariance, seen)
    return np.asarray(np.einsum("na,nab,nb->n", moved, met, moved, optimize=True))
