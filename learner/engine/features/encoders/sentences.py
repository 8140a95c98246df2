"""Texts by a sentence encoder: its embeddings, by name or from a folder.

Reimers and Gurevych, Sentence-BERT, EMNLP 2019.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from learner.engine.features.encoders.encoding import EncodeFunction, EncoderKind

PACKAGE = "sentence_transformers"
MAX_TEXT_CHARACTERS = 20_000  # that are read
BATCH_TEXTS = 32


def required_package(model: str) -> str:
    """Return the package that has all models."""
    return PACKAGE


def load_sentence_encoder(model: str) -> EncodeFunction:
    """Return what encodes texts by that model: a name on the Hugging Face hub, or a folder."""
    network = import_module(PACKAGE).SentenceTransformer(model)  # brings torch along

    def encode(texts: Sequence[str]) -> NDArray[Any]:
        truncated = [text[:MAX_TEXT_CHARACTERS] for text in texts]
        rows: NDArray[Any] = network.encode(
            truncated, batch_size=BATCH_TEXTS, show_progress_bar=False, convert_to_numpy=True
        )
        return rows

    return encode


KIND = EncoderKind(
    name="encoder",
    unnamed_message=_("No sentence encoder is named on this server (MARGIN_ENCODER): Margin goes on without one."),
    package=required_package,
    load=load_sentence_encoder,
)
