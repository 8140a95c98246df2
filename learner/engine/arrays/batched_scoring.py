"""What all models share: chunks of rows, the softmax, and how a model lies on disk."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from learner.engine.arrays.blas_threads import few_threads, threads_for
from learner.engine.arrays.sparse import Matrix

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Likely = list[tuple[str, float]]  # labels with their probabilities, likeliest first

CHUNK = 2048  # rows scored at once: they and their scores stay in the cache, the features are never copied whole


def check_width(features: Matrix, width: int) -> None:
    """Raise ValueError when the features are not of the width that the model was fitted on."""
    if features.ndim != 2 or features.shape[1] != width:
        raise ValueError(f"The model needs {width} features, not {features.shape[1:]}.")


def probabilities(features: Matrix, rows: Rows | None, classes: int, score: Callable[[Any], Floats]) -> Floats:
    """Return (n, classes) float32: what `score` makes of each chunk of the asked rows; sparse ones stay sparse.

    Threads share the chunks, and each chunk is computed by one: what comes of it depends on neither their number
    nor on which other chunks there are.
    """
    proba = np.empty((count(features, rows), classes), np.float32)

    def fill(start: int) -> None:
        part = slice(start, start + CHUNK)
        block = features[part] if rows is None else features[rows[part]]
        proba[part] = score(block if issparse(block) else np.asarray(block, np.float32))

    starts, threads = range(0, len(proba), CHUNK), threads_for(len(proba))
    with few_threads(1), ThreadPoolExecutor(threads) as pool:
        for _ in map(fill, starts) if threads == 1 else pool.map(fill, starts):
            pass
    return proba


def count(features: Matrix, rows: Rows | None) -> int:
    """Return how many rows are asked for."""
    return int(features.shape[0]) if rows is None else len(rows)


def softmax(scores: Floats, axis: int = -1) -> Floats:
    """Turn scores into probabilities along an axis, in place; return them. The first axis is several times faster."""
    scores -= scores.max(axis=axis, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=axis, keepdims=True)
    return scores


class Scored:
    """What follows from a model's probabilities."""

    classes: tuple[str, ...]

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of the given ones."""
        raise NotImplementedError

    def predict(self, features: Matrix, rows: Rows | None = None) -> NDArray[np.str_]:
        """Return the most probable class of all rows, or of the given ones."""
        return self.best(self.predict_proba(features, rows))

    def best(self, proba: Floats) -> NDArray[np.str_]:
        """Return the most probable class of each row of probabilities."""
        names: NDArray[np.str_] = np.array(self.classes)
        chosen: NDArray[np.str_] = names[proba.argmax(axis=1)]
        return chosen

    def said(self, features: Matrix, rows: Rows, proba: Floats) -> tuple[NDArray[np.str_], Floats]:
        """Return the most probable class of the rows, and how probable it is."""
        return self.best(proba), proba.max(axis=1, initial=0.0)

    def likeliest(self, features: Matrix, rows: Rows, proba: Floats, most: int) -> list[Likely]:
        """Return the `most` likeliest classes of each row, likeliest first."""
        return most_likely(self.classes, proba, most)


class Unranked:
    """A model whose answers are no labels of the whole item: it finds none likelier than another."""

    def likeliest(self, features: NDArray[Any], rows: Rows, proba: Floats, most: int) -> list[Likely]:
        """Return no labels for any row."""
        return [[] for _ in rows]


def most_likely(classes: Sequence[str], chances: Floats, most: int) -> list[Likely]:
    """Return the `most` largest of (n, k) chances of each row with their classes; of equals the first class."""
    order = np.argsort(-chances, axis=1, kind="stable")[:, :most]
    sorted_chances = np.take_along_axis(chances, order, axis=1)
    return [
        [(classes[place], float(chance)) for place, chance in zip(places, found, strict=True)]
        for places, found in zip(order, sorted_chances, strict=True)
    ]


def write(folder: Path, kind: str, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write model.npz and model.json into the folder: numbers and text only, nothing that runs when read."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "model.npz", allow_pickle=False, **arrays)
    text = json.dumps({"kind": kind, **facts}, ensure_ascii=False)
    (folder / "model.json").write_text(text, encoding="utf-8")


def read(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the facts and the arrays that `write` wrote; a model of before there were kinds is linear."""
    facts = {"kind": "linear", **json.loads((folder / "model.json").read_text(encoding="utf-8"))}
    with np.load(folder / "model.npz", allow_pickle=False) as arrays:
        return facts, dict(arrays)
