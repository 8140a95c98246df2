"""Drawing without replacement as a race, with near-duplicates held back.

Items are to be drawn one after the other with P(x) = w(x) / sum of the remaining w. Give each an arrival time
Exp(1) / w(x): those that arrive first are such a draw (the Gumbel top-n trick, in logarithms: Gumbel = -log Exp).
Arrivals have no memory. So an item may leave the race when something very like it was drawn, and come back for the
next batch with a new clock, and the probability of each draw is still its weight over the weights of those racing.
Kool, van Hoof, Welling, Stochastic Beams and Where to Find Them, ICML 2019.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import CHUNK_ROWS, in_chunks
from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows
from learner.engine.selection import hashed_random

FOLLOWED_ITEMS = 4096  # near-duplicates are looked for among the heaviest items only, so a huge pool costs no more
MAX_COSINES = 4_000_000  # cosines held at once
MAX_PAIRS = 4_000_000  # near-duplicates remembered
MIN_WEIGHT_SUM = 1e-200  # sums of weights below this are scaled up again
TIE_NOISE = 1e-9  # equal energies are ordered at random
LONG_ROWS, STRIDE_ROWS = (
    100_000,
    64,
)  # values from which, and every how many, a look beforehand saves partitioning them all

Doubles = NDArray[np.float64]


def smallest(values: NDArray[np.floating[Any]], n: int) -> Rows:
    """Return the rows of the n smallest finite values, in ascending order of the row."""
    some = _not_large(values, n) if len(values) > LONG_ROWS else np.arange(len(values))
    rows = np.sort(some[np.argpartition(values[some], n)[:n]]) if n < len(some) else some
    finite: Rows = rows[np.isfinite(values[rows])]
    return finite


def _not_large(values: NDArray[np.floating[Any]], n: int) -> Rows:
    """Return rows that have the n smallest values among them: few, where a stride's quantile tells them apart."""
    stride = values[::STRIDE_ROWS]
    place = 2 * n // STRIDE_ROWS + 50
    if place >= len(stride):
        return np.arange(len(values))
    rows = np.flatnonzero(values <= np.partition(stride, place)[place])
    return rows if len(rows) >= n else np.arange(len(values))


class ExponentialRace:
    """Those that can be drawn are followed one by one; of the rest only the weight is known."""

    def __init__(self, pool: Pool, energy: NDArray[np.float32], beta: float, n: int, params: QueryParams) -> None:
        """Line up; `energy` (n,) is infinite for items that take no part, and is not changed."""
        self.params = params
        self.is_sorted = bool(np.isinf(beta))  # no draw: the smallest energy first
        self.n = max(0, min(n, int(np.isfinite(energy).sum())))
        ids = np.arange(len(energy), dtype=np.uint64) if pool.ids is None else pool.ids
        heavy = smallest(energy, max(FOLLOWED_ITEMS, 4 * self.n))
        if self.is_sorted:
            self.rows = np.concatenate([heavy, self._early(energy, heavy, ids)])
            self.log_w, self.log_rest = np.zeros(len(self.rows)), -np.inf  # nothing is drawn
            self.times = self._times(energy[self.rows], self.log_w, ids[self.rows])
        else:
            self._start(energy, beta, heavy, ids)
        self.ids, self.energy = ids[self.rows], energy[self.rows]
        self.racing, self.held = np.ones(len(self.rows), bool), np.zeros(len(self.rows), bool)
        self.restarts, self.now = 0, -np.inf
        self.near = _Neighbours(
            pool.features, heavy, self.times[: len(heavy)].argsort()[: 2 * self.n], params.similarity
        )
        self._rescale()

    def _start(self, energy: NDArray[np.float32], beta: float, heavy: Rows, ids: NDArray[np.uint64]) -> None:
        """Give everybody an arrival time, keep those that can be drawn, and of the others the sum of their weights."""
        lowest, stream = (
            energy[heavy].min(initial=np.float32(np.inf)),
            hashed_random.key(self.params.seed, self.params.round_number, 0),
        )
        all_ = np.empty(len(energy), np.float32)

        def arrive(part: slice) -> None:
            noise = hashed_random.log_exponential(ids[part], stream)
            np.subtract(noise, _log_weights(energy[part], lowest, beta), out=all_[part])

        in_chunks(len(energy), arrive)
        times = all_[heavy]
        all_[heavy] = np.inf
        early = smallest(all_, self.n)  # no more light items than these can be drawn
        self.rows = np.concatenate([heavy, early])
        self.times = np.concatenate([times, all_[early]]).astype(np.float64)
        self.log_w = _log_weights(energy[self.rows], lowest, beta).astype(np.float64)
        np.copyto(all_, energy)
        all_[self.rows] = np.inf
        self.log_rest = _log_total(all_, lowest, beta)

    def _early(self, energy: NDArray[np.float32], heavy: Rows, ids: NDArray[np.uint64]) -> Rows:
        """Return the n first of the light items in a sharp race; keys are drawn only for those that may be one."""
        light = _without(energy, heavy)
        rows = smallest(light, self.n)
        if not len(rows):
            return rows
        rows = np.flatnonzero(light <= light[rows].max())
        return rows[smallest(self._times(energy[rows], energy[rows], ids[rows]), self.n)]

    def run(self) -> tuple[Rows, Doubles]:
        """Return the rows in the order drawn, and the probability of each given what remained."""
        places, probabilities = np.empty(self.n, np.intp), np.ones(self.n)
        for turn in range(self.n):
            if turn % self.params.batch_size == 0 or not self.racing.any():
                self._readmit()
            places[turn] = first = int(self.times.argmin())
            probabilities[turn] = self._probability(first)
            self.now = self.times[first]
            self._leave(np.array([first]))
            near = self.near.of(first)
            near = near[self.racing[near]]
            self._leave(near)
            self.held[near] = True
        return self.rows[places], probabilities

    def _times(
        self, energy: NDArray[Any], log_w: NDArray[Any], ids: NDArray[np.uint64], again: int = 0
    ) -> NDArray[Any]:
        """Return the logarithms of arrival times; in a sharp race the energies, ties at random."""
        noise = hashed_random.log_exponential(ids, hashed_random.key(self.params.seed, self.params.round_number, again))
        if self.is_sorted:
            times: NDArray[Any] = energy + TIE_NOISE * np.exp(-np.exp(noise, dtype=np.float64))
        else:
            times = noise - log_w
        return times

    def _probability(self, place: int) -> float:
        total = self.weights.sum() + self.rest
        if total < MIN_WEIGHT_SUM:
            self._rescale()
            total = self.weights.sum() + self.rest
        return float(self.weights[place] / total)

    def _rescale(self) -> None:
        """Scale the weights so that the heaviest in the race is 1."""
        log_w = np.where(self.racing, self.log_w, -np.inf)
        shift = max(log_w.max(initial=-np.inf), self.log_rest)
        if np.isfinite(shift):
            self.weights, self.rest = np.exp(log_w - shift), float(np.exp(self.log_rest - shift))
        else:
            self.weights, self.rest = np.zeros(len(log_w)), 0.0

    def _leave(self, places: NDArray[np.integer[Any]]) -> None:
        self.racing[places] = False
        self.times[places] = np.inf
        self.weights[places] = 0.0

    def _readmit(self) -> None:
        """Let those held back race again, with the time still to go for the others and new clocks for them."""
        back = np.flatnonzero(self.held)
        if not len(back):
            return
        self.restarts += 1
        if not self.is_sorted:
            self.times[self.racing] = _log_difference(self.times[self.racing], self.now)
        self.times[back] = self._times(self.energy[back], self.log_w[back], self.ids[back], self.restarts)
        self.racing[back], self.held[back] = True, False
        self._rescale()


class _Neighbours:
    """Near-duplicates among the heavy items, by the cosine of their features."""

    def __init__(self, features: NDArray[Any], heavy: Rows, likely: Rows, similarity: float) -> None:
        """Compare the `likely` ones with all beforehand; others when asked."""
        self.similarity = similarity
        self.known: dict[int, NDArray[np.integer[Any]]] = {}
        self.count = len(heavy) if similarity <= 1 else 0
        if self.count and len(likely):
            self.unit = unit_rows(features[heavy])
            self._compare(likely)

    def _compare(self, likely: Rows) -> None:
        """Compare them in blocks, as long as what is found is little enough to be kept."""
        size, pairs = max(1, MAX_COSINES // self.count), 0
        for start in range(0, len(likely), size):
            some = likely[start : start + size]
            found, near = np.nonzero(self.unit[some] @ self.unit.T >= self.similarity)
            pairs += len(near)
            if pairs > MAX_PAIRS:
                return
            starts = np.searchsorted(found, np.arange(1, len(some)))
            parts = np.split(near.astype(np.int32), starts)
            self.known.update(zip(some.tolist(), parts, strict=True))

    def of(self, place: int) -> NDArray[np.integer[Any]]:
        """Return the places of its near-duplicates; itself may be among them."""
        if place >= self.count:
            return np.empty(0, np.intp)
        if place not in self.known:
            self.known[place] = np.flatnonzero(self.unit @ self.unit[place] >= self.similarity)
        return self.known[place]


def unit_rows(features: NDArray[Any]) -> NDArray[np.float32]:
    """Return the rows scaled to length one as float32; rows of zeros stay."""
    rows: NDArray[np.float32] = np.asarray(features, np.float32)
    lengths: NDArray[Any] = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(lengths, np.float32(1e-12))
    return unit


def _log_weights(energy: NDArray[np.float32], lowest: np.float32, beta: float) -> NDArray[np.float32]:
    """Return -beta * (energy - lowest); minus infinity where the energy is infinite."""
    if np.float32(beta) == 0 or not np.isfinite(lowest):
        return np.where(np.isfinite(energy), np.float32(0), np.float32(-np.inf))
    result: NDArray[np.float32] = energy - lowest
    result *= np.float32(-beta)
    return result


def _without(values: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
    result = values.copy()
    result[rows] = np.inf
    return result


def _log_total(energy: NDArray[np.float32], lowest: np.float32, beta: float) -> float:
    """Return the logarithm of the sum of the weights; minus infinity for nothing."""
    top = _log_weights(energy.min(initial=np.float32(np.inf), keepdims=True), lowest, beta)[0]
    if not np.isfinite(top):
        return -np.inf
    sums = np.zeros(-(-len(energy) // CHUNK_ROWS))

    def add(part: slice) -> None:
        weights = _log_weights(energy[part], lowest, beta)
        weights -= top
        sums[part.start // CHUNK_ROWS] = np.exp(weights, out=weights).sum(dtype=np.float64)

    in_chunks(len(energy), add)
    return float(top + np.log(sums.sum()))


def _log_difference(log_a: Doubles, log_b: float) -> Doubles:
    """Return log(exp(a) - exp(b)), a >= b; minus infinity where they are equal."""
    with np.errstate(divide="ignore"):
        return log_a + np.log1p(-np.exp(np.minimum(log_b - log_a, 0.0)))
