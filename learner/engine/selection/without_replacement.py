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

from learner.engine.arrays.chunks import CHUNK_ROWS, for_each_chunk
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


def smallest_rows(values: NDArray[np.floating[Any]], n: int) -> Rows:
    """Return the rows of the n smallest finite values, in ascending order of the row."""
    candidates = _small_value_rows(values, n) if len(values) > LONG_ROWS else np.arange(len(values))
    rows = np.sort(candidates[np.argpartition(values[candidates], n)[:n]]) if n < len(candidates) else candidates
    finite: Rows = rows[np.isfinite(values[rows])]
    return finite


def _small_value_rows(values: NDArray[np.floating[Any]], n: int) -> Rows:
    """Return rows that have the n smallest values among them: few, where a stride's quantile tells them apart."""
    stride = values[::STRIDE_ROWS]
    index = 2 * n // STRIDE_ROWS + 50
    if index >= len(stride):
        return np.arange(len(values))
    rows = np.flatnonzero(values <= np.partition(stride, index)[index])
    return rows if len(rows) >= n else np.arange(len(values))


class ExponentialRace:
    """Those that can be drawn are followed one by one; of the rest only the weight is known."""

    def __init__(self, pool: Pool, energy: NDArray[np.float32], beta: float, n: int, params: QueryParams) -> None:
        """Line up; `energy` (n,) is infinite for items that take no part, and is not changed."""
        self.params = params
        self.is_sorted = bool(np.isinf(beta))  # no draw: the smallest energy first
        self.draw_count = max(0, min(n, int(np.isfinite(energy).sum())))
        ids = np.arange(len(energy), dtype=np.uint64) if pool.ids is None else pool.ids
        heavy_rows = smallest_rows(energy, max(FOLLOWED_ITEMS, 4 * self.draw_count))
        if self.is_sorted:
            self.rows = np.concatenate([heavy_rows, self._earliest_light_rows(energy, heavy_rows, ids)])
            self.log_weights, self.log_rest_weight = np.zeros(len(self.rows)), -np.inf  # nothing is drawn
            self.times = self._arrival_times(energy[self.rows], self.log_weights, ids[self.rows])
        else:
            self._start_draw(energy, beta, heavy_rows, ids)
        self.ids, self.energy = ids[self.rows], energy[self.rows]
        self.is_racing, self.is_held_back = np.ones(len(self.rows), bool), np.zeros(len(self.rows), bool)
        self.restarts, self.current_time = 0, -np.inf
        self.neighbours = _Neighbours(
            pool.features, heavy_rows, self.times[: len(heavy_rows)].argsort()[: 2 * self.draw_count], params.similarity
        )
        self._rescale_weights()

    def _start_draw(self, energy: NDArray[np.float32], beta: float, heavy_rows: Rows, ids: NDArray[np.uint64]) -> None:
        """Give everybody an arrival time, keep those that can be drawn, and of the others the sum of their weights."""
        lowest, stream = (
            energy[heavy_rows].min(initial=np.float32(np.inf)),
            hashed_random.hash_to_64_bits(self.params.seed, self.params.round_number, 0),
        )
        times_of_all = np.empty(len(energy), np.float32)

        def draw_arrival_times(part: slice) -> None:
            noise = hashed_random.log_exponential_noise(ids[part], stream)
            np.subtract(noise, _log_weights(energy[part], lowest, beta), out=times_of_all[part])

        for_each_chunk(len(energy), draw_arrival_times)
        times = times_of_all[heavy_rows]
        times_of_all[heavy_rows] = np.inf
        early_rows = smallest_rows(times_of_all, self.draw_count)  # no more light items than these can be drawn
        self.rows = np.concatenate([heavy_rows, early_rows])
        self.times = np.concatenate([times, times_of_all[early_rows]]).astype(np.float64)
        self.log_weights = _log_weights(energy[self.rows], lowest, beta).astype(np.float64)
        np.copyto(times_of_all, energy)
        times_of_all[self.rows] = np.inf
        self.log_rest_weight = _log_weight_sum(times_of_all, lowest, beta)

    def _earliest_light_rows(self, energy: NDArray[np.float32], heavy_rows: Rows, ids: NDArray[np.uint64]) -> Rows:
        """Return the n first of the light items in a sharp race; keys are drawn only for those that may be one."""
        light_energies = _without_rows(energy, heavy_rows)
        rows = smallest_rows(light_energies, self.draw_count)
        if not len(rows):
            return rows
        rows = np.flatnonzero(light_energies <= light_energies[rows].max())
        return rows[smallest_rows(self._arrival_times(energy[rows], energy[rows], ids[rows]), self.draw_count)]

    def draw_rows(self) -> tuple[Rows, Doubles]:
        """Return the rows in the order drawn, and the probability of each given what remained."""
        indices, probabilities = np.empty(self.draw_count, np.intp), np.ones(self.draw_count)
        for draw in range(self.draw_count):
            if draw % self.params.batch_size == 0 or not self.is_racing.any():
                self._readmit_held_back()
            indices[draw] = first = int(self.times.argmin())
            probabilities[draw] = self._draw_probability(first)
            self.current_time = self.times[first]
            self._remove_from_race(np.array([first]))
            near_duplicates = self.neighbours.near_duplicates_of(first)
            near_duplicates = near_duplicates[self.is_racing[near_duplicates]]
            self._remove_from_race(near_duplicates)
            self.is_held_back[near_duplicates] = True
        return self.rows[indices], probabilities

    def _arrival_times(
        self, energy: NDArray[Any], log_weights: NDArray[Any], ids: NDArray[np.uint64], restart: int = 0
    ) -> NDArray[Any]:
        """Return the logarithms of arrival times; in a sharp race the energies, ties at random."""
        noise = hashed_random.log_exponential_noise(
            ids, hashed_random.hash_to_64_bits(self.params.seed, self.params.round_number, restart)
        )
        if self.is_sorted:
            times: NDArray[Any] = energy + TIE_NOISE * np.exp(-np.exp(noise, dtype=np.float64))
        else:
            times = noise - log_weights
        return times

    def _draw_probability(self, index: int) -> float:
        """Return the weight of an item over that of all in the race, those that are not followed included."""
        total = self.weights.sum() + self.rest_weight
        if total < MIN_WEIGHT_SUM:
            self._rescale_weights()
            total = self.weights.sum() + self.rest_weight
        return float(self.weights[index] / total)

    def _rescale_weights(self) -> None:
        """Scale the weights so that the heaviest in the race is 1."""
        log_weights = np.where(self.is_racing, self.log_weights, -np.inf)
        shift = max(log_weights.max(initial=-np.inf), self.log_rest_weight)
        if np.isfinite(shift):
            self.weights, self.rest_weight = np.exp(log_weights - shift), float(np.exp(self.log_rest_weight - shift))
        else:
            self.weights, self.rest_weight = np.zeros(len(log_weights)), 0.0

    def _remove_from_race(self, indices: NDArray[np.integer[Any]]) -> None:
        self.is_racing[indices] = False
        self.times[indices] = np.inf
        self.weights[indices] = 0.0

    def _readmit_held_back(self) -> None:
        """Let those held back race again, with the time still to go for the others and new clocks for them."""
        held_back = np.flatnonzero(self.is_held_back)
        if not len(held_back):
            return
        self.restarts += 1
        if not self.is_sorted:
            self.times[self.is_racing] = _log_difference(self.times[self.is_racing], self.current_time)
        self.times[held_back] = self._arrival_times(
            self.energy[held_back], self.log_weights[held_back], self.ids[held_back], self.restarts
        )
        self.is_racing[held_back], self.is_held_back[held_back] = True, False
        self._rescale_weights()


class _Neighbours:
    """Near-duplicates among the heavy items, by the cosine of their features."""

    def __init__(self, features: NDArray[Any], heavy_rows: Rows, likely_rows: Rows, similarity: float) -> None:
        """Compare the `likely_rows` with all heavy ones beforehand; others when asked."""
        self.similarity = similarity
        self.cache: dict[int, NDArray[np.integer[Any]]] = {}
        self.heavy_count = len(heavy_rows) if similarity <= 1 else 0
        if self.heavy_count and len(likely_rows):
            self.unit_features = unit_rows(features[heavy_rows])
            self._find_near_duplicates(likely_rows)

    def _find_near_duplicates(self, likely_rows: Rows) -> None:
        """Compare them in blocks, as long as what is found is little enough to be kept."""
        size, pairs = max(1, MAX_COSINES // self.heavy_count), 0
        for start in range(0, len(likely_rows), size):
            candidates = likely_rows[start : start + size]
            compared_index, near_duplicates = np.nonzero(
                self.unit_features[candidates] @ self.unit_features.T >= self.similarity
            )
            pairs += len(near_duplicates)
            if pairs > MAX_PAIRS:
                return
            starts = np.searchsorted(compared_index, np.arange(1, len(candidates)))
            parts = np.split(near_duplicates.astype(np.int32), starts)
            self.cache.update(zip(candidates.tolist(), parts, strict=True))

    def near_duplicates_of(self, index: int) -> NDArray[np.integer[Any]]:
        """Return the indices of its near-duplicates; itself may be among them."""
        if index >= self.heavy_count:
            return np.empty(0, np.intp)
        if index not in self.cache:
            self.cache[index] = np.flatnonzero(self.unit_features @ self.unit_features[index] >= self.similarity)
        return self.cache[index]


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


def _without_rows(values: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
    result = values.copy()
    result[rows] = np.inf
    return result


def _log_weight_sum(energy: NDArray[np.float32], lowest: np.float32, beta: float) -> float:
    """Return the logarithm of the sum of the weights; minus infinity for nothing."""
    top = _log_weights(energy.min(initial=np.float32(np.inf), keepdims=True), lowest, beta)[0]
    if not np.isfinite(top):
        return -np.inf
    sums = np.zeros(-(-len(energy) // CHUNK_ROWS))

    def add_chunk(part: slice) -> None:
        weights = _log_weights(energy[part], lowest, beta)
        weights -= top
        sums[part.start // CHUNK_ROWS] = np.exp(weights, out=weights).sum(dtype=np.float64)

    for_each_chunk(len(energy), add_chunk)
    return float(top + np.log(sums.sum()))


def _log_difference(log_a: Doubles, log_b: float) -> Doubles:
    """Return log(exp(a) - exp(b)), a >= b; minus infinity where they are equal."""
    with np.errstate(divide="ignore"):
        return log_a + np.log1p(-np.exp(np.minimum(log_b - log_a, 0.0)))
