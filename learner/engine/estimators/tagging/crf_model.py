"""What a conditional random field predicts of texts: spans, their confidence, and how uncertain it is of the text."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from annotation.json_values import CANONICAL
from annotation.text.tags import spans_from_tags
from annotation.text.tokens import Token, tokenize
from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.contracts.estimator import PredictedValue
from learner.engine.estimators.model_files import read_model, write_model
from learner.engine.estimators.tagging.text_uncertainty import TEXT_UNCERTAINTIES, Marginals
from learner.engine.estimators.tagging.token_features import token_features

DEFAULT_MEASURE = "mean_token_margin"
NO_SPANS = CANONICAL.encode([])


@dataclass(frozen=True)
class CrfModel:
    """Texts to spans: what is called features are texts, (n,) strings.

    Its bytes are CRFsuite's, made by our own training: numbers and names, nothing that runs.
    """

    kind: ClassVar[str] = "crf"

    crf: NDArray[np.uint8]
    classes: tuple[str, ...]  # labels of spans that it knows, sorted
    features: str = ""  # version of what it was fitted on
    measure: str = DEFAULT_MEASURE  # a key of TEXT_UNCERTAINTIES

    def uncertainty(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n,) float32 in [0, 1] of the texts, by the model's measure."""
        measure = TEXT_UNCERTAINTIES[self.measure]
        values = [
            measure(self._tag_marginals(words), log_best) for words, _, log_best in self._tag_texts(features, rows)
        ]
        return np.clip(np.array(values, np.float32), 0, 1)

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return the most probable spans of each text as a target."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: NDArray[Any], rows: Rows | None = None) -> PredictedValue:
        """Return the most probable spans of each text as a target, and how probable all of them together are."""
        targets, confidences = [], []
        for words, tags, log_best in self._tag_texts(features, rows):
            targets.append(CANONICAL.encode(spans_from_tags(words, tags)) if words else NO_SPANS)
            confidences.append(np.exp(min(log_best, 0.0)))
        return PredictedValue(np.array(targets, dtype=object), np.array(confidences, np.float32))

    def _tag_texts(self, texts: NDArray[Any], rows: Rows | None) -> Iterator[tuple[list[Token], list[str], float]]:
        """Yield of each text its tokens, their most probable tags and the log probability of those."""
        for row in range(len(texts)) if rows is None else rows:
            words = tokenize(texts[row])
            if not words:
                yield words, [], 0.0
                continue
            tags = self._tagger.tag(token_features(words))
            yield words, tags, float(np.log(max(self._tagger.probability(tags), 1e-300)))

    def _tag_marginals(self, words: list[Token]) -> Marginals:
        """Return (t, k) probabilities of the text that was tagged last."""
        tagger, tags = self._tagger, self._tagger.labels()
        table = [[tagger.marginal(tag, n) for tag in tags] for n in range(len(words))]
        return np.array(table).reshape(len(words), len(tags))

    @cached_property
    def _tagger(self) -> pycrfsuite.Tagger:
        tagger = pycrfsuite.Tagger()
        tagger.open_inmemory(self._model_bytes)
        return tagger

    @cached_property
    def _model_bytes(self) -> bytes:
        return self.crf.tobytes()  # the tagger reads them in place, so they stay as long as it does

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        metadata = {"classes": list(self.classes), "features": self.features, "doubt": self.measure}
        write_model(folder, self.kind, metadata, {"crf": self.crf})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        return cls(arrays["crf"], tuple(metadata["classes"]), metadata["features"], metadata["doubt"])
