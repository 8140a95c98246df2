"""Add an encoder to the library: read its weights once, try them, and keep them as safetensors."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from learner.engine.features.encoders import image_encoding, text_encoding
from learner.engine.features.encoders.encoder_library import EncoderLibrary
from learner.engine.features.encoders.encoder_sources import EncoderSource, NotAnEncoder, open_source
from learner.engine.features.encoders.stored_encoder import (
    EFFICIENTNET_LITE,
    ONNX,
    TOKENIZER_FILE,
    TRANSFORMER,
    WEIGHT_FILES,
    StoredEncoder,
    sha256_of_file,
)
from learner.engine.networks.efficientnet import EfficientNetLite, Floats, NotEfficientNetLite
from learner.engine.networks.transformer import TransformerEncoder, UnknownArchitecture
from learner.engine.weights.safetensors_files import read_safetensors, write_safetensors
from learner.engine.weights.torch_files import read_torch_file
from learner.engine.weights.unreadable import UnreadableWeights

MAX_PIECES = 256  # of a text at once: longer parts cost more and say no more
DIGEST_CHARACTERS = 8  # of the checksum in a name
TRIAL_TEXTS = ("", "A text that is read to try the encoder.")
ON_TRIAL = "not tried yet"


@dataclass(frozen=True)
class EncoderOrigin:
    """What the operator says of an encoder."""

    source: str
    name: str = ""
    licence: str = ""


def add_encoder(library: EncoderLibrary, path: Path, origin: EncoderOrigin) -> StoredEncoder:
    """Read the encoder at a path into the library and return it; nothing in it is run but its numbers.

    Raises NotAnEncoder, with what is wrong.
    """
    library.root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=library.root) as scratch:
        source, folder = open_source(path, Path(scratch) / "unpacked"), Path(scratch) / "stored"
        folder.mkdir()
        digest = sha256_of_file(path if path.is_file() else source.weights)
        try:
            stored = _write(source, folder, _described(source, origin, digest, path))
            stored = replace(stored, dimensions=_trial(folder, stored))
        except (UnreadableWeights, UnknownArchitecture) as error:
            raise NotAnEncoder(f"{source.weights.name} cannot be used. {error}") from error
        except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
            raise NotAnEncoder(f"{source.weights.name} cannot be used: {error}") from error
        stored.write(folder)
        shutil.rmtree(library.folder(stored.name), ignore_errors=True)
        folder.rename(library.folder(stored.name))
    return stored


def _described(source: EncoderSource, origin: EncoderOrigin, digest: str, path: Path) -> StoredEncoder:
    name = re.sub(r"[^a-z0-9]+", "-", (origin.name or _name_of(path)).lower()).strip("-") or "encoder"
    return StoredEncoder(
        name=f"{name}-{digest[:DIGEST_CHARACTERS]}",
        kind="encoder",
        architecture=ONNX if source.is_onnx else TRANSFORMER,
        dimensions=0,
        source=origin.source,
        licence=origin.licence or source.licence or "not stated",
        source_sha256=digest,
        weights_sha256=ON_TRIAL,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
        config={},
    )


def _name_of(path: Path) -> str:
    """Return what to call the encoder at a path: a folder and a file as they are called, a wheel by its package."""
    if path.is_dir():
        return path.resolve().name
    return path.stem.split("-")[0] if path.suffix == ".whl" else path.stem


def _write(source: EncoderSource, folder: Path, described: StoredEncoder) -> StoredEncoder:
    """Write weights and tokenizer, and return what they are."""
    weights = folder / WEIGHT_FILES[described.architecture]
    if source.is_onnx:
        shutil.copyfile(source.weights, weights)
        stored = _as_text_encoder(source, folder, described, max_pieces=MAX_PIECES)
    else:
        tensors = read_torch_file(source.weights) if source.is_torch else read_safetensors(source.weights)
        numbers = {name: np.asarray(array, np.float32) for name, array in tensors.items() if array.dtype.kind == "f"}
        if (source.folder / "config.json").is_file():
            network = TransformerEncoder.from_tensors(numbers, _read_json(source.folder / "config.json"))
            stored = _as_text_encoder(source, folder, described, max_pieces=min(MAX_PIECES, network.max_pieces))
        else:
            _require_image_network(numbers)
            stored = replace(described, kind="image_encoder", architecture=EFFICIENTNET_LITE)
        write_safetensors(weights, numbers)
    return replace(stored, weights_sha256=sha256_of_file(weights))


def _require_image_network(numbers: Mapping[str, Floats]) -> None:
    try:
        EfficientNetLite.from_tensors(numbers)
    except NotEfficientNetLite as error:
        raise UnreadableWeights(
            f"There is no config.json beside it, as every sentence encoder has; and {str(error)[0].lower()}"
            f"{str(error)[1:]}"
        ) from error


def _as_text_encoder(source: EncoderSource, folder: Path, described: StoredEncoder, max_pieces: int) -> StoredEncoder:
    """Copy the tokenizer and read the settings beside the weights."""
    tokenizer = source.folder / TOKENIZER_FILE
    if not tokenizer.is_file():
        raise ValueError(f"there is no {TOKENIZER_FILE} beside it, which every fast tokenizer is saved as")
    shutil.copyfile(tokenizer, folder / TOKENIZER_FILE)
    config, settings = source.folder / "config.json", _read_json(source.folder / "sentence_bert_config.json")
    longest = settings.get("max_seq_length") or max_pieces
    return replace(
        described,
        config=_read_json(config),
        pooling=text_encoding.pooling_of_folder(source.folder),
        max_pieces=max(8, min(max_pieces, int(longest))),
        lowercase=bool(settings.get("do_lower_case")),
    )


def _trial(folder: Path, stored: StoredEncoder) -> int:
    """Encode something, and return how many columns came out. Raises ValueError where they are no numbers."""
    if stored.kind == "encoder":
        rows = text_encoding.load_text_encoder(folder, stored)(TRIAL_TEXTS)
    else:
        picture = folder / "trial.png"
        Image.new("RGB", (16, 16), (200, 100, 50)).save(picture)
        rows = image_encoding.load_image_network(folder, stored)([str(picture)])
        picture.unlink()
    if not np.isfinite(rows).all() or not rows.any():
        raise ValueError("what it makes of a trial is not finite, or nothing")
    return int(rows.shape[1])


def _read_json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return dict(content) if isinstance(content, Mapping) else {}
