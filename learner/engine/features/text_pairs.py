"""Two texts as what they have in common and what they differ in.

Both texts are made numbers as single texts are (`features.text`). A pair is then the absolute difference and the
product of the two rows, as Conneau et al. (Supervised Learning of Universal Sentence Representations, EMNLP 2017) have
it, and the cosine of the two in each part of the features. What is learnt of a pair so holds for the swapped one too.
The rows themselves are left out: side by side they teach a linear model nothing about a pair.

Measured on 3,000 pairs of requests made of CLINC150, the same intent or not (the demo's), logistic regression, 1,500
pairs to judge by; accuracy with 30, 100 and 300 random labels, three seeds; guessing has .5. Difference and product:
.703, .812, .814; with the cosines: .750, .815, .814; the cosines alone: .742, .793, .794. LSA and embeddings of both
texts as one: .54 with 100 labels; the two rows side by side: .51 with 500.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learner.engine.features.text import TextFeatures, TextTransformer

TINY = np.float32(1e-9)  # no division by zero: a text without any known word has no direction


@dataclass(frozen=True)
class TextPairTransformer:
    """The transformer."""

    text: TextTransformer  # of a single text

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return 2 * self.text.dimensions + len(self._feature_columns)

    @property
    def _feature_columns(self) -> tuple[slice, ...]:
        """The columns of each part of a text's features: embeddings, where there are some, and LSA."""
        width = self.text.static.dimensions if self.text.static else 0
        blocks = (slice(0, width), slice(width, None))
        return blocks if width else blocks[1:]

    def transform(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        a, b = (self.text.transform([pair[side] for pair in pairs]) for side in (0, 1))
        cosines = [_row_cosines(a[:, block], b[:, block]) for block in self._feature_columns]
        return np.hstack([np.abs(a - b), a * b, np.column_stack(cosines)]).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write what the features of single texts need."""
        self.text.save(folder)


class TextPairFeatures:
    """The feature set."""

    name = "text_pairs"
    needs_fit = True

    def fit(self, pairs: Sequence[tuple[str, str]], seed: int) -> TextPairTransformer:
        """Fit the features of single texts on both sides."""
        return TextPairTransformer(TextFeatures().fit(list(chain.from_iterable(pairs)), seed))

    def load(self, folder: Path) -> TextPairTransformer:
        """Read what `save` wrote."""
        return TextPairTransformer(TextFeatures().load(folder))


def _row_cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (m,) the cosine of each row of (m, d) with its counterpart; 0 where one of them is zero."""
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray((a * b).sum(axis=1) / np.maximum(lengths, TINY), np.float32)
