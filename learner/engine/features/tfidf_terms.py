"""Terms of texts and their TF-IDF weights: words, or pieces of them, as the script of the texts has it.

Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988; sublinear counts, rows of length one.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

MAX_TERMS = 30_000  # of one analyser
MAX_FITTED_TEXTS = 50_000
MAX_READ_CHARACTERS = 20_000  # of one text

LATIN, SPACED, UNSPACED = "latin", "spaced", "unspaced"

# Han, kana, Thai, Lao, Myanmar, Khmer, Tibetan: scripts that put no spaces between words
_UNSPACED = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LETTER = re.compile(r"[^\W\d_]")
_ANALYSERS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    "char": {"analyzer": "char", "ngram_range": (1, 3)},
    "char_wb": {"analyzer": "char_wb", "ngram_range": (2, 5)},  # pieces of words
}


def script_of_texts(texts: Sequence[str]) -> str:
    """Return LATIN, SPACED (another script with spaces between words) or UNSPACED, as most of the texts are."""
    letters = unspaced = latin = 0
    for text in texts[:1000]:
        letters += len(_LETTER.findall(text[:500]))
        unspaced += len(_UNSPACED.findall(text[:500]))
        latin += len(_LATIN.findall(text[:500]))
    if unspaced > 0.2 * max(letters, 1):
        return UNSPACED
    return LATIN if 2 * latin >= letters else SPACED


@dataclass(frozen=True)
class Terms:
    """The terms that one analyser found and their weights."""

    analyser: str
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float32]  # (v,)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return (m, v) float32 rows of length one, or zero for a text without a known term."""
        if not len(texts) or not self.vocabulary:
            return csr_matrix((len(texts), len(self.vocabulary)), dtype=np.float32)
        return self._vectorizer.transform(truncate_texts(texts))

    @cached_property
    def _vectorizer(self) -> TfidfVectorizer:
        vectorizer = _make_vectorizer(self.analyser, vocabulary={term: i for i, term in enumerate(self.vocabulary)})
        vectorizer.idf_ = self.idf
        return vectorizer


@dataclass(frozen=True)
class Tfidf:
    """Terms of one or several analysers side by side."""

    parts: tuple[Terms, ...]

    @property
    def dimensions(self) -> int:
        """How many terms there are."""
        return sum(len(part.vocabulary) for part in self.parts)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return (m, d) float32; each part of a row has length one or zero."""
        blocks = [part.transform(texts) for part in self.parts]
        return blocks[0] if len(blocks) == 1 else hstack(blocks, format="csr", dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write terms.npz and terms.json."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "terms.npz", *(part.idf for part in self.parts))
        stored = [{"analyser": part.analyser, "vocabulary": part.vocabulary} for part in self.parts]
        (folder / "terms.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tfidf":
        """Read what `save` wrote."""
        stored = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        with np.load(folder / "terms.npz", allow_pickle=False) as arrays:
            parts = [
                Terms(part["analyser"], tuple(part["vocabulary"]), arrays[f"arr_{i}"]) for i, part in enumerate(stored)
            ]
        return cls(tuple(parts))


def fit_tfidf(texts: Sequence[str], analysers: Sequence[str]) -> tuple[Tfidf, csr_matrix]:
    """Return the terms of the texts for each analyser (keys of the table above), and the texts' own rows (m, d)."""
    texts = truncate_texts(texts)
    parts, blocks = zip(*(_fit_terms(texts, analyser) for analyser in analysers), strict=True)
    return Tfidf(parts), hstack(blocks, format="csr", dtype=np.float32)


def _fit_terms(texts: Sequence[str], analyser: str) -> tuple[Terms, csr_matrix]:
    """Return the terms of one analyser, and the texts' own rows (m, v)."""
    vectorizer = _make_vectorizer(analyser, max_features=MAX_TERMS, min_df=2 if len(texts) > 200 else 1)
    try:
        rows = vectorizer.fit_transform(texts)
    except ValueError:  # not one term in all the texts
        return Terms(analyser, (), np.zeros(0, np.float32)), csr_matrix((len(texts), 0), dtype=np.float32)
    vocabulary = tuple(str(term) for term in vectorizer.get_feature_names_out())
    return Terms(analyser, vocabulary, vectorizer.idf_.astype(np.float32)), rows


def sample_texts(texts: Sequence[str], max_texts: int, seed: int) -> list[str]:
    """Return at most `max_texts` of the texts, at random, in their order."""
    if len(texts) <= max_texts:
        return list(texts)
    chosen = np.sort(np.random.default_rng(seed).choice(len(texts), max_texts, replace=False))
    return [texts[i] for i in chosen]


def truncate_texts(texts: Sequence[str]) -> list[str]:
    """Return the beginnings that are looked at."""
    return [text[:MAX_READ_CHARACTERS] for text in texts]


def _make_vectorizer(analyser: str, **terms: object) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **_ANALYSERS[analyser], **terms)
