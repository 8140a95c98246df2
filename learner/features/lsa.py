"""Latent semantic analysis: TF-IDF of the pool's own words, reduced to its main directions.

Fitted on unlabelled texts, so it knows the pool's subject before anybody has answered; carries every language.
Deerwester et al., Indexing by Latent Semantic Analysis, JASIS 1990.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

from learner.estimators.scoring import few_threads

DIMENSIONS = 256
VOCABULARY = 30_000
SAMPLE = 50_000  # texts it is fitted on, at most
POWER_ITERATIONS = 2
LONGEST = 20_000  # characters of one text that are looked at

# Han, kana, Thai, Lao, Myanmar, Khmer, Tibetan: scripts that put no spaces between words
_UNSPACED = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_ANALYSERS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    "char": {"analyzer": "char", "ngram_range": (1, 3)},
}


def analyser_for(texts: Sequence[str]) -> str:
    """Return "char" for texts in scripts without spaces between words, else "word"."""
    letters = unspaced = 0
    for text in texts[:1000]:
        letters += len(_LETTER.findall(text[:500]))
        unspaced += len(_UNSPACED.findall(text[:500]))
    return "char" if unspaced > 0.2 * max(letters, 1) else "word"


@dataclass(frozen=True)
class Lsa:
    """The transformer: rows of length one, or zero for a text without a known term."""

    analyser: str
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float32]  # (v,)
    components: NDArray[np.float32]  # (v, d)

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return int(self.components.shape[1])

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        if not len(texts) or not self.vocabulary:
            return np.zeros((len(texts), self.dimensions), np.float32)
        vectorizer = _vectorizer(self.analyser, vocabulary={term: i for i, term in enumerate(self.vocabulary)})
        vectorizer.idf_ = self.idf
        return self.project(vectorizer.transform(_cut(texts)))

    def project(self, counts: csr_matrix) -> NDArray[np.float32]:
        """Return the reduced rows of a TF-IDF matrix."""
        rows = np.asarray(counts @ self.components, np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def save(self, folder: Path) -> None:
        """Write lsa.npz and lsa.json."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "lsa.npz", idf=self.idf, components=self.components)
        facts = {"analyser": self.analyser, "vocabulary": list(self.vocabulary)}
        (folder / "lsa.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


class LsaFeatures:
    """The feature set."""

    name = "lsa"
    needs_fit = True

    def fit(self, texts: Sequence[str], seed: int) -> Lsa:
        """Learn terms and directions from a sample of the texts."""
        texts = _cut(sample(texts, SAMPLE, seed))
        analyser = analyser_for(texts)
        vectorizer = _vectorizer(analyser, max_features=VOCABULARY, min_df=2 if len(texts) > 200 else 1)
        try:
            counts = vectorizer.fit_transform(texts)
        except ValueError:  # not one term in all the texts
            empty = np.zeros((0, DIMENSIONS), np.float32)
            return Lsa(analyser, (), np.zeros(0, np.float32), empty)
        vocabulary = tuple(str(term) for term in vectorizer.get_feature_names_out())
        return Lsa(analyser, vocabulary, vectorizer.idf_.astype(np.float32), _directions(counts, seed))

    def load(self, folder: Path) -> Lsa:
        """Read what `save` wrote."""
        facts = json.loads((folder / "lsa.json").read_text(encoding="utf-8"))
        with np.load(folder / "lsa.npz", allow_pickle=False) as arrays:
            return Lsa(facts["analyser"], tuple(facts["vocabulary"]), arrays["idf"], arrays["components"])


def sample(texts: Sequence[str], most: int, seed: int) -> list[str]:
    """Return at most `most` of the texts, by lot, in their order."""
    if len(texts) <= most:
        return list(texts)
    chosen = np.sort(np.random.default_rng(seed).choice(len(texts), most, replace=False))
    return [texts[i] for i in chosen]


def _vectorizer(analyser: str, **terms: Any) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **_ANALYSERS[analyser], **terms)


def _cut(texts: Sequence[str]) -> list[str]:
    return [text[:LONGEST] for text in texts]


def _directions(counts: csr_matrix, seed: int) -> NDArray[np.float32]:
    """Return (v, DIMENSIONS); columns beyond the rank are zero, so that the width never depends on the pool."""
    wanted = min(DIMENSIONS, min(counts.shape))
    with few_threads():
        _, strengths, rows = randomized_svd(counts, wanted, n_iter=POWER_ITERATIONS, random_state=seed % 2**32)
    rows[strengths < 1e-5] = 0
    result = np.zeros((counts.shape[1], DIMENSIONS), np.float32)
    result[:, :wanted] = rows.T
    return result
