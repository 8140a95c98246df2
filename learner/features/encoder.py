"""Sentence encoder: a neural network's embeddings, by name or from a folder. Optional and slow; needs no labels.

Reimers and Gurevych, Sentence-BERT, EMNLP 2019. The packages are in requirements-encoders.txt.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.words import Words as _

PREFIX = "encoder:"  # then the model: the name of a feature set
LONGEST = 20_000  # characters of one text that are looked at
BATCH = 32  # texts in the network at once


class EncoderMissing(Exception):
    """The encoder cannot be used; the message says what to do."""


def trouble(model: str) -> str:
    """Return why texts cannot be encoded with that model, "" when nothing speaks against it; loads nothing."""
    if not model:
        return _("No sentence encoder is named on this server (MARGIN_ENCODER): the default features are used.")
    if not _installed():
        return _(
            "The sentence encoder is not installed (pip install -r requirements-encoders.txt): "
            "the default features are used."
        )
    return ""


def _installed() -> bool:
    try:
        return find_spec("sentence_transformers") is not None
    except ValueError:  # put there by hand, without a specification
        return True


@lru_cache(maxsize=1)
def _model(name: str) -> Any:
    """Load the network, once a process. Raises EncoderMissing."""
    if found := trouble(name):
        raise EncoderMissing(found)
    try:
        return import_module("sentence_transformers").SentenceTransformer(name)  # brings torch along
    except Exception as error:  # whatever hub, file system and network may throw
        raise EncoderMissing(f"The sentence encoder {name} cannot be loaded: {error}") from error


@dataclass(frozen=True)
class Encoder:
    """The transformer: rows of length one."""

    model: str
    dimensions: int

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, d) float32. Raises EncoderMissing."""
        if not len(texts):
            return np.empty((0, self.dimensions), np.float32)
        rows = _model(self.model).encode(
            [text[:LONGEST] for text in texts], batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        rows = np.nan_to_num(np.asarray(rows, np.float32))
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def save(self, folder: Path) -> None:
        """Write encoder.json: which model it is, not the model."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"model": self.model, "dimensions": self.dimensions}
        (folder / "encoder.json").write_text(json.dumps(facts), encoding="utf-8")


@dataclass(frozen=True)
class EncoderFeatures:
    """The feature set of one model."""

    model: str
    name = "encoder"
    needs_fit = False

    def fit(self, texts: Sequence[str], seed: int) -> Encoder:
        """Load the model and ask for its width. Raises EncoderMissing."""
        return Encoder(self.model, int(np.asarray(_model(self.model).encode(["."], show_progress_bar=False)).shape[1]))

    def load(self, folder: Path) -> Encoder:
        """Read what `save` wrote; the model itself is loaded when there is a text."""
        facts = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        return Encoder(facts["model"], facts["dimensions"])
