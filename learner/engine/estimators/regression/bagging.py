"""Members of a committee that foretells numbers: each is fitted to its own bootstrap sample of the labels.

Where they differ, the labels say little (query by committee for regression: Burbidge, Rowland and King, IDEAL 2007).
What those say about a label that had not seen it tells, at no further cost, how far off the committee is (Breiman,
Bagging Predictors, Machine Learning 1996), and so how wide an interval has to be (Johansson, Boström, Löfström and
Linusson, Regression conformal prediction with random forests, Machine Learning 2014).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats64 = NDArray[np.float64]

MEMBERS = 64
SURE = 0.9  # of the answers lie in the interval
NORMAL = 1.645  # standard errors that hold so many of a normal distribution: while there are few labels to count
ENOUGH = 30  # labels that were not seen by some members
LEAST = 1e-6  # of the labels' variance: what is left of no error


@dataclass(frozen=True)
class Scale:
    """Labels moved and stretched to mean 0 and deviation 1."""

    middle: float
    deviation: float

    @classmethod
    def of(cls, numbers: Floats64) -> "Scale":
        """Fit to (m,) numbers of at least two kinds."""
        return cls(float(numbers.mean()), float(numbers.std()))

    def __call__(self, numbers: Floats64) -> Floats64:
        """Return (m,) numbers on the scale."""
        return (numbers - self.middle) / self.deviation


@dataclass(frozen=True)
class Doubt:
    """How far a committee is off, on the scale of its labels."""

    noise: float  # mean square of its errors about labels that it had not seen
    reach: float  # standard errors that hold SURE of the answers

    def interval(self, spread: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) half of the width of the interval, given the variances (n,) of what members say."""
        return np.asarray(self.reach * np.sqrt(spread + self.noise), np.float32)


def bags(m: int, seed: int, members: int = MEMBERS) -> NDArray[np.intp]:
    """Return (members, m) places of m labels, drawn with replacement."""
    return np.random.default_rng(seed).integers(0, m, (members, m))


def doubt(truth: Floats64, said: Floats64, drawn: NDArray[np.intp], fair: NDArray[np.bool_] | None) -> Doubt:
    """Return how far off the committee is, by what members say of labels (m,) that they were not fitted to.

    `said` and `drawn` are (members, m); `fair` (m,) are the labels that count, where they are enough.
    """
    mean, spread = _of_unseen(said, drawn)
    known = np.isfinite(mean)
    if fair is not None and np.count_nonzero(known & fair) >= ENOUGH:
        known &= fair
    errors = np.abs(truth - mean)[known]
    noise = float(max((errors**2).mean(), LEAST)) if len(errors) else 1.0
    if len(errors) < ENOUGH:
        return Doubt(noise, NORMAL)
    relative = np.sort(errors / np.sqrt(spread[known] + noise))
    place = min(int(np.ceil((len(relative) + 1) * SURE)), len(relative)) - 1
    return Doubt(noise, float(relative[place]))


def misses(truth: Floats64, said: Floats64, drawn: NDArray[np.intp]) -> Floats64:
    """Return (m,) by how much members are off about each label that they were not fitted to; nan where all were."""
    return np.abs(truth - _of_unseen(said, drawn)[0])


def _of_unseen(said: Floats64, drawn: NDArray[np.intp]) -> tuple[Floats64, Floats64]:
    """Return (m,) mean and (m,) variance of what is said by the members that had not seen a label; nan without any."""
    seen = np.zeros(said.shape, bool)
    np.put_along_axis(seen, drawn, True, axis=1)
    unseen = np.ma.masked_array(said, seen)
    return unseen.mean(axis=0).filled(np.nan), unseen.var(axis=0).filled(np.nan)
