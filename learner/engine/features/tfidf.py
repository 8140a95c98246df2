"""Plain TF-IDF, sparse: one column a term, nothing blurred; wants more labels than the reduced kinds."""

from collections.abc import Sequence
from pathlib import Path

from learner.engine.features import tfidf_terms
from learner.engine.features.tfidf_terms import MAX_FITTED_TEXTS, UNSPACED, Tfidf, sample_texts, script_of_texts


class TfidfFeatures:
    """The feature set: words and pairs of words, or one to three characters where no spaces are between words."""

    name = "tfidf"
    needs_fit = True

    def fit(self, texts: Sequence[str], seed: int) -> Tfidf:
        """Learn the terms from a sample of the texts."""
        texts = sample_texts(texts, MAX_FITTED_TEXTS, seed)
        return tfidf_terms.fit_tfidf(texts, ("char",) if script_of_texts(texts) == UNSPACED else ("word",))[0]

    def load(self, folder: Path) -> Tfidf:
        """Read what `save` wrote."""
        return Tfidf.load(folder)
