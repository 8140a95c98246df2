"""A sentence about the topic, and records that are known to be relevant, as a place to start from.

While nothing irrelevant is known there is nothing to tell apart: records are then ranked by their cosine to what is
known to be relevant, a sentence among it.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import for_each_chunk
from learner.engine.arrays.sparse import Matrix, to_dense
from learner.engine.contracts.query_strategy import Topic
from learner.engine.selection.without_replacement import unit_rows

Floats = NDArray[np.float32]


class TextTransform(Protocol):
    """What turns texts into rows of a project's columns."""

    def transform(self, texts: Sequence[str], /) -> Matrix: ...


def topic_of_sentence(sentence: str, dense: TextTransform, terms: TextTransform | None = None) -> Topic | None:
    """Return the topic by the transformers that made the records' columns; None for a sentence without words."""
    if not sentence.strip():
        return None
    return Topic(to_dense(dense.transform([sentence])), None if terms is None else terms.transform([sentence]))


def similarities_to(examples: Floats, features: NDArray[np.float32], rows: NDArray[np.intp]) -> Floats:
    """Return (m,) the mean cosine of each of `rows` of (n, d) features to the examples (e, d); 0 without examples."""
    result = np.zeros(len(rows), np.float32)
    if not len(examples):
        return result
    centre = unit_rows(examples).mean(axis=0)

    def compare_chunk(part: slice) -> None:
        result[part] = unit_rows(features[rows[part]]) @ centre

    for_each_chunk(len(rows), compare_chunk)
    return result
