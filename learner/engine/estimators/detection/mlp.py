"""A small neural network that says of windows what is in them and where it really is. Numpy alone.

Two layers of rectified units, a softmax over background and labels, and four numbers that move the window; trained
together as in Fast R-CNN (Girshick, ICCV 2015) by Adam (Kingma and Ba, ICLR 2015), with a rate that falls by a cosine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32

HIDDEN = (128, 64)
BATCH = 256
RATE = 2e-3
DECAY = 0.02  # of the weights, by the rate
DROPOUT = 0.25  # of the units
BOX_WEIGHT = 2.0  # of the moves' loss against the labels'
LEAST_SPREAD = np.float32(0.05)  # of a feature, so that noise is not enlarged
MOVE_SCALE = np.array([0.15, 0.15, 0.2, 0.2], np.float32)  # of the moves, so that they are about one


@dataclass(frozen=True)
class Network:
    """What is seen in windows (n, d) to probabilities and moves."""

    mean: Floats  # (d,)
    scale: Floats  # (d,)
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def __call__(self, seen: Floats) -> tuple[Floats, Floats]:
        """Return (n, 1 + k) probabilities of background and labels, and (n, 4) moves."""
        layer = (seen - self.mean) * self.scale
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layer @ weights + biases, 0)
        out = layer @ self.weights[-1] + self.biases[-1]
        return _softmax(out[:, :-4]), out[:, -4:] * MOVE_SCALE


@dataclass(frozen=True)
class Examples:
    """Windows to learn from: what is seen in them (n, d), labels (n,) from 1, 0 for background, and moves (n, 4)."""

    seen: Floats
    labels: NDArray[np.intp]
    moves: Floats


def nothing(width: int) -> Network:
    """Return a network that knows no label: everything is background."""
    one = np.ones(width, np.float32)
    return Network(one - 1, one, (np.zeros((width, 5), np.float32),), (np.zeros(5, np.float32),))


def train(
    given: Examples, weights: Floats, count: int, mirror: Callable[[Floats], Floats], steps: int, seed: int
) -> Network:
    """Fit to windows, drawn by weight (n,); every other batch is seen in a mirror. `count` labels there are."""
    rng = np.random.default_rng(seed)
    mean, scale = given.seen.mean(0), 1 / (given.seen.std(0) + LEAST_SPREAD)
    learner = _Learner(rng, (given.seen.shape[1], *HIDDEN, 1 + count + 4))
    chance = np.cumsum(weights, dtype=np.float64)
    for step in range(steps):
        rows = np.searchsorted(chance, rng.random(BATCH) * chance[-1], side="right").clip(0, len(chance) - 1)
        seen, moves = given.seen[rows], given.moves[rows] / MOVE_SCALE
        if step % 2:
            seen, moves = mirror(seen), moves * np.array([-1, 1, 1, 1], np.float32)
        rate = RATE * (1 + np.cos(np.pi * step / steps)) / 2
        learner.step((seen - mean) * scale, given.labels[rows], moves, rate)
    return Network(mean, scale, tuple(learner.weights), tuple(learner.biases))


class _Learner:
    """Weights on their way."""

    def __init__(self, rng: np.random.Generator, widths: tuple[int, ...]) -> None:
        self.rng = rng
        pairs = list(pairwise(widths))
        self.weights = [(rng.standard_normal(pair) * np.sqrt(2 / pair[0])).astype(np.float32) for pair in pairs]
        self.weights[-1] *= 0.1
        self.biases = [np.zeros(width, np.float32) for width in widths[1:]]
        self.moments = [(np.zeros_like(part), np.zeros_like(part)) for part in (*self.weights, *self.biases)]
        self.steps = 0

    def step(self, batch: Floats, labels: NDArray[np.intp], moves: Floats, rate: float) -> None:
        layers, masks = [batch], []
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layers[-1] @ weights + biases, 0)
            masks.append((self.rng.random(layer.shape, np.float32) > DROPOUT) / np.float32(1 - DROPOUT))
            layers.append(layer * masks[-1])
        error = _errors(layers[-1] @ self.weights[-1] + self.biases[-1], labels, moves)
        slopes: list[tuple[Any, Any]] = []
        for place in range(len(self.weights) - 1, -1, -1):
            slopes.insert(0, (layers[place].T @ error, error.sum(0)))
            if place:
                error = (error @ self.weights[place].T) * (layers[place] > 0) * masks[place - 1]
        self._adam([slope for slope, _ in slopes] + [slope for _, slope in slopes], rate)

    def _adam(self, slopes: list[Floats], rate: float) -> None:
        self.steps += 1
        bias1, bias2 = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for part, slope, (first, second) in zip((*self.weights, *self.biases), slopes, self.moments, strict=True):
            first += 0.1 * (slope - first)
            second += 0.001 * (slope**2 - second)
            if part.ndim == 2:
                part *= np.float32(1 - rate * DECAY)
            part -= np.float32(rate / bias1) * first / (np.sqrt(second / np.float32(bias2)) + np.float32(1e-8))


def _errors(out: Floats, labels: NDArray[np.intp], moves: Floats) -> Floats:
    """Return the slope of the mean loss: cross-entropy, and the smooth L1 of the moves where there is an object."""
    slope = np.empty_like(out)
    slope[:, :-4] = _softmax(out[:, :-4])
    slope[np.arange(len(labels)), labels] -= 1
    slope[:, -4:] = np.clip(out[:, -4:] - moves, -1, 1) * (labels > 0)[:, None] * np.float32(BOX_WEIGHT / 4)
    return slope / np.float32(len(labels))


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return np.asarray(raised)
