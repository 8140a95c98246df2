"""Texts by a sentence encoder: its embeddings, from the library of encoders, by name, or from a folder.

Reimers and Gurevych, Sentence-BERT, EMNLP 2019.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from learner.engine.features.encoders.encoding import EncodeFunction, EncoderKind
from learner.engine.features.encoders.stored_encoder import read_stored_encoder
from learner.engine.features.encoders.text_encoding import MAX_TEXT_CHARACTERS, load_text_encoder

PACKAGE = "sentence_transformers"
BATCH_TEXTS = 32


def required_package(model: str) -> str:
    """Return the package that computes the model."""
    stored = read_stored_encoder(Path(model))
    return stored.package if stored else PACKAGE


def load_sentence_encoder(model: str) -> EncodeFunction:
    """Return what encodes texts by that model: a folder of the library, a name on the Hugging Face hub, or a folder."""
    if stored := read_stored_encoder(Path(model)):
        return load_text_encoder(Path(model), stored)
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
    unnamed_message=_(
        "No sentence encoder is on this server (margin encoder add, or MARGIN_ENCODER): Margin goes on without one."
    ),
    package=required_package,
    load=load_sentence_encoder,
)
