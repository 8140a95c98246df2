"""Words to clusters of words that mean alike: k-means over the shipped word-piece embeddings, made once."""

import json
from functools import cache
from pathlib import Path

import numpy as np

VOCABULARY = Path(__file__).parents[2] / "features" / "static-en-256" / "tokenizer.json"
TABLE = Path(__file__).parent / "static-en-256-clusters.npz"
MIN_PIECE_CHARACTERS = 3  # of a piece that says something about a word that is not known whole


@cache
def _clusters_by_piece() -> dict[str, tuple[int, ...]]:
    """Return the clusters of each piece, coarse and fine."""
    pieces = json.loads(VOCABULARY.read_text(encoding="utf-8"))["model"]["vocab"]
    with np.load(TABLE, allow_pickle=False) as arrays:
        rows = np.stack([arrays[name] for name in arrays.files], axis=1).tolist()
    return {piece: tuple(rows[row]) for piece, row in pieces.items()}


def word_clusters(word: str) -> tuple[int, ...]:
    """Return the clusters of a lower-case word, coarse and fine; none for a word that is not known.

    A word of several pieces has those of its last one, which says what kind of word it is.
    """
    table = _clusters_by_piece()
    clusters_of_word = table.get(word)
    if clusters_of_word is not None:
        return clusters_of_word
    for start in range(1, len(word) - MIN_PIECE_CHARACTERS + 1):
        clusters_of_word = table.get("##" + word[start:])
        if clusters_of_word is not None:
            return clusters_of_word
    return ()
