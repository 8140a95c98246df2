"""What a conditional random field says about texts: spans, how sure it is of them, and how unsure of the text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from annotation.json_values import CANONICAL
from annotation.text.tags import spans_of
from annotation.text.tokens import Token, tokens
from learner.engine.arrays.batched_scoring import Floats, Rows, Unranked, read, write
from learner.engine.estimators.tagging.token_features import observations
from learner.engine.estimators.tagging.uncertainty import DOUBTS, Marginals

DOUBT = "mean_token_margin"
NOTHING = CANONICAL.encode([])


@dataclass(frozen=True)
class CrfModel(Unranked):
    """Texts to spans: what is called features are texts, (n,) strings.

    Its bytes are CRFsuite's, made by our own training: numbers and names, nothing that runs.
    """

    kind: ClassVar[str] = "crf"

    crf: NDArray[np.uint8]
    classes: tuple[str, ...]  # labels of spans that it knows, sorted
    features: str = ""  # version of what it was fitted on
    doubt: str = DOUBT  # a key of DOUBTS: how a text's uncertainty becomes one number

    def predict_proba(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, 2) float32 [1 - u/2, u/2], u from 0 to 1 how unsure it is of a text: one minus the margin is u."""
        measure = DOUBTS[self.doubt]
        doubts = [measure(self._marginals(found), log_best) for found, _, log_best in self._tag(features, rows)]
        half = np.clip(np.array(doubts, np.float32), 0, 1) / 2
        return np.stack([1 - half, half], axis=1)

    def said(self, features: NDArray[Any], rows: Rows | None, proba: Floats) -> tuple[NDArray[Any], Floats]:
        """Return the most probable spans of each text as a target, and how probable all of them together are."""
        targets, scores = [], []
        for found, tags, log_best in self._tag(features, rows):
            targets.append(CANONICAL.encode(spans_of(found, tags)) if found else NOTHING)
            scores.append(np.exp(min(log_best, 0.0)))
        return np.array(targets, dtype=object), np.array(scores, np.float32)

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return the most probable spans of each text as a target."""
        return self.said(features, rows, np.empty((0, 2), np.float32))[0]

    def _tag(self, texts: NDArray[Any], rows: Rows | None) -> Iterator[tuple[list[Token], list[str], float]]:
        """Yield of each text its tokens, their most probable tags and the log probability of those."""
        for row in range(len(texts)) if rows is None else rows:
            found = tokens(texts[row])
            if not found:
                yield found, [], 0.0
                continue
            tags = self._tagger.tag(observations(found))
            yield found, tags, float(np.log(max(self._tagger.probability(tags), 1e-300)))

    def _marginals(self, found: list[Token]) -> Marginals:
        """Return (t, k) probabilities of the text that was tagged last."""
        marginal: Callable[[str, int], float] = self._tagger.marginal
        tags = self._tagger.labels()
        return np.array([[marginal(tag, n) for tag in tags] for n in range(len(found))]).reshape(len(found), len(tags))

    @cached_property
    def _tagger(self) -> Any:
        tagger = pycrfsuite.Tagger()
        tagger.open_inmemory(self._bytes)
        return tagger

    @cached_property
    def _bytes(self) -> bytes:
        return self.crf.tobytes()  # the tagger reads them in place, so they stay as long as it does

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        facts = {"classes": list(self.classes), "features": self.features, "doubt": self.doubt}
        write(folder, self.kind, facts, {"crf": self.crf})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        return cls(arrays["crf"], tuple(facts["classes"]), facts["features"], facts["doubt"])
