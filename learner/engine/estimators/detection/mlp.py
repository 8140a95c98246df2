"""A small neural network that tells what is in windows and where it really is. Numpy alone.

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

HIDDEN_UNITS = (128, 64)
BATCH_WINDOWS = 256
MLP_LEARNING_RATE = 2e-3
MLP_WEIGHT_DECAY = 0.02  # by the rate
DROPOUT_SHARE = 0.25  # of the units
BOX_LOSS_WEIGHT = 2.0  # of the deltas' loss against the labels'
MIN_DEVIATION = np.float32(0.05)  # of a feature, so that noise is not enlarged
DELTA_SCALE = np.array([0.15, 0.15, 0.2, 0.2], np.float32)  # of the deltas, so that they are about one


@dataclass(frozen=True)
class MLP:
    """Features of windows (n, d) to probabilities and deltas."""

    mean: Floats  # (d,)
    scale: Floats  # (d,)
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def __call__(self, features: Floats) -> tuple[Floats, Floats]:
        """Return (n, 1 + k) probabilities of background and labels, and (n, 4) deltas."""
        layer = (features - self.mean) * self.scale
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layer @ weights + biases, 0)
        out = layer @ self.weights[-1] + self.biases[-1]
        return _softmax(out[:, :-4]), out[:, -4:] * DELTA_SCALE


@dataclass(frozen=True)
class Examples:
    """Windows to learn from: features (n, d), labels (n,) from 1, 0 for background, and deltas (n, 4) to the boxes."""

    features: Floats
    labels: NDArray[np.intp]
    deltas: Floats


def background_only_mlp(width: int) -> MLP:
    """Return a network that knows no label: everything is background."""
    ones = np.ones(width, np.float32)
    return MLP(ones - 1, ones, (np.zeros((width, 5), np.float32),), (np.zeros(5, np.float32),))


def train_mlp(
    examples: Examples, weights: Floats, label_count: int, flip: Callable[[Floats], Floats], steps: int, seed: int
) -> MLP:
    """Fit to windows of `label_count` labels, drawn by weight (n,); every other batch is flipped."""
    rng = np.random.default_rng(seed)
    mean, scale = examples.features.mean(0), 1 / (examples.features.std(0) + MIN_DEVIATION)
    trainer = _AdamTrainer(rng, (examples.features.shape[1], *HIDDEN_UNITS, 1 + label_count + 4))
    cumulative_weights = np.cumsum(weights, dtype=np.float64)
    for step in range(steps):
        rows = np.searchsorted(
            cumulative_weights, rng.random(BATCH_WINDOWS) * cumulative_weights[-1], side="right"
        ).clip(0, len(cumulative_weights) - 1)
        features, deltas = examples.features[rows], examples.deltas[rows] / DELTA_SCALE
        if step % 2:
            features, deltas = flip(features), deltas * np.array([-1, 1, 1, 1], np.float32)
        rate = MLP_LEARNING_RATE * (1 + np.cos(np.pi * step / steps)) / 2
        trainer.train_batch((features - mean) * scale, examples.labels[rows], deltas, rate)
    return MLP(mean, scale, tuple(trainer.weights), tuple(trainer.biases))


class _AdamTrainer:
    """Weights while they are trained."""

    def __init__(self, rng: np.random.Generator, widths: tuple[int, ...]) -> None:
        self.rng = rng
        pairs = list(pairwise(widths))
        self.weights = [(rng.standard_normal(pair) * np.sqrt(2 / pair[0])).astype(np.float32) for pair in pairs]
        self.weights[-1] *= 0.1
        self.biases = [np.zeros(width, np.float32) for width in widths[1:]]
        self.moments = [(np.zeros_like(part), np.zeros_like(part)) for part in (*self.weights, *self.biases)]
        self.steps = 0

    def train_batch(self, batch: Floats, labels: NDArray[np.intp], deltas: Floats, rate: float) -> None:
        """Move the weights by one batch (m, d) against the gradient of its loss, with dropout."""
        layers, masks = [batch], []
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layers[-1] @ weights + biases, 0)
            masks.append((self.rng.random(layer.shape, np.float32) > DROPOUT_SHARE) / np.float32(1 - DROPOUT_SHARE))
            layers.append(layer * masks[-1])
        error = _loss_gradient(layers[-1] @ self.weights[-1] + self.biases[-1], labels, deltas)
        gradients: list[tuple[Any, Any]] = []
        for layer_index in range(len(self.weights) - 1, -1, -1):
            gradients.insert(0, (layers[layer_index].T @ error, error.sum(0)))
            if layer_index:
                error = (error @ self.weights[layer_index].T) * (layers[layer_index] > 0) * masks[layer_index - 1]
        self._adamw_step([gradient for gradient, _ in gradients] + [gradient for _, gradient in gradients], rate)

    def _adamw_step(self, gradients: list[Floats], rate: float) -> None:
        """Change weights and biases in place by AdamW; `gradients` are of all weights, then of all biases."""
        self.steps += 1
        bias1, bias2 = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for part, gradient, (first, second) in zip((*self.weights, *self.biases), gradients, self.moments, strict=True):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            if part.ndim == 2:
                part *= np.float32(1 - rate * MLP_WEIGHT_DECAY)
            part -= np.float32(rate / bias1) * first / (np.sqrt(second / np.float32(bias2)) + np.float32(1e-8))


def _loss_gradient(out: Floats, labels: NDArray[np.intp], deltas: Floats) -> Floats:
    """Return the slope of the mean loss: cross-entropy, and the smooth L1 of the deltas where there is an object."""
    gradient = np.empty_like(out)
    gradient[:, :-4] = _softmax(out[:, :-4])
    gradient[np.arange(len(labels)), labels] -= 1
    gradient[:, -4:] = np.clip(out[:, -4:] - deltas, -1, 1) * (labels > 0)[:, None] * np.float32(BOX_LOSS_WEIGHT / 4)
    return gradient / np.float32(len(labels))


def _softmax(scores: Floats) -> Floats:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    exponentials /= exponentials.sum(axis=1, keepdims=True)
    return np.asarray(exponentials)
