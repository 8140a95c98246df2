"""The linear model: what every estimator returns and every strategy asks."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Floats = NDArray[np.float32]

CHUNK = 16384  # rows scored at once: the scores stay in the cache, the features are never copied whole
THREADS = min(2, os.cpu_count() or 1)  # of the linear algebra: other workers live on this machine too

_threads = ThreadpoolController()


def few_threads(most: int | None = None) -> Any:
    """Bound the threads of the linear algebra inside a `with` block; without a number by THREADS."""
    return _threads.limit(limits=most or THREADS)


def one_thread() -> None:
    """Let this process do its linear algebra in one thread from now on: others do theirs beside it."""
    global THREADS
    THREADS = 1
    _threads.limit(limits=1)


@dataclass(frozen=True)
class Model:
    """Class probabilities by softmax of a linear score; nothing but numbers, so it travels as .npz and JSON."""

    weights: Floats  # (d, k)
    intercept: Floats  # (k,)
    classes: tuple[str, ...]  # k of them
    features: str = ""  # version of the features it was fitted on

    def predict_proba(self, features: NDArray[Any], rows: NDArray[np.intp] | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of the given ones.

        Raises ValueError when the features are not of the width it was fitted on.
        """
        if features.ndim != 2 or features.shape[1] != self.weights.shape[0]:
            raise ValueError(f"The model needs {self.weights.shape[0]} features, not {features.shape[1:]}.")
        n = len(features) if rows is None else len(rows)
        proba = np.empty((n, len(self.classes)), np.float32)
        with few_threads():
            for start in range(0, n, CHUNK):
                part = slice(start, start + CHUNK)
                block = features[part] if rows is None else features[rows[part]]
                np.matmul(np.asarray(block, np.float32), self.weights, out=proba[part])
                _softmax(proba[part], self.intercept)
        return proba

    def predict(self, features: NDArray[Any], rows: NDArray[np.intp] | None = None) -> NDArray[np.str_]:
        """Return the most probable class of all rows, or of the given ones."""
        return self.best(self.predict_proba(features, rows))

    def best(self, proba: Floats) -> NDArray[np.str_]:
        """Return the most probable class of each row of probabilities."""
        names: NDArray[np.str_] = np.array(self.classes)
        chosen: NDArray[np.str_] = names[proba.argmax(axis=1)]
        return chosen

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "model.npz", weights=self.weights, intercept=self.intercept)
        text = json.dumps({"classes": list(self.classes), "features": self.features}, ensure_ascii=False)
        (folder / "model.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Read what `save` wrote."""
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            return cls(arrays["weights"], arrays["intercept"], tuple(facts["classes"]), facts["features"])


def _softmax(scores: Floats, intercept: Floats) -> None:
    """Turn scores into probabilities in place."""
    scores += intercept
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)


def from_decision(coef: NDArray[Any], intercept: NDArray[Any], classes: NDArray[Any], scale: float = 1.0) -> Model:
    """Make a Model of a fitted scikit-learn linear classifier: one row of `coef` a class, or one for two."""
    coef, intercept = np.atleast_2d(coef) * scale, np.atleast_1d(intercept) * scale
    if len(coef) == 1:  # the logistic function of one score is the softmax of half of it, down and up
        coef, intercept = np.vstack([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
    weights = np.ascontiguousarray(coef.T, np.float32)
    return Model(weights, intercept.astype(np.float32), tuple(str(name) for name in classes))
