"""Texts by a stored sentence encoder: cut into pieces, run through the network, pooled.

A text that is longer than the network reads at once is read in parts; the mean of the parts' vectors, each weighing
as many pieces as it has, is the text's.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.blas_threads import THREADS, limit_blas_threads
from learner.engine.features.encoders.stored_encoder import ONNX, TOKENIZER_FILE, StoredEncoder, checked_weights
from learner.engine.networks.transformer import Floats, TransformerEncoder
from learner.engine.weights.safetensors_files import load_safetensors

MAX_TEXT_CHARACTERS = 20_000  # that are read
MAX_PARTS = 8  # of a text that are read: 2,000 pieces, some 1,500 words
BATCH_PIECES = 4096  # that are in the network at once
ONNX_BATCH_TEXTS = 32
UNKNOWN_PIECES = {"[UNK]", "<unk>"}  # what tokenizers write for what they do not know

Sequences = Sequence[Sequence[int]]
Pool = Callable[[Sequences], Floats]  # m sequences of ascending length -> (m, d)


@dataclass(frozen=True)
class TextEncoder:
    """Tokenizer, network and pooling."""

    tokenizer: Any  # of the package tokenizers
    pooled: Pool
    lowercase: bool

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, d)."""
        parts = self._parts(texts)
        order = sorted(range(len(parts)), key=lambda index: len(parts[index][1]))
        with limit_blas_threads(1):  # small products: two threads would wait for each other
            vectors = [self.pooled([parts[index][1] for index in batch]) for batch in _batches(parts, order)]
        rows = np.zeros((len(texts), vectors[0].shape[1]), np.float32)
        lengths = np.array([[len(parts[index][1])] for index in order], np.float32)
        np.add.at(rows, [parts[index][0] for index in order], np.concatenate(vectors) * lengths)
        weights = np.bincount([text for text, _ in parts], [len(ids) for _, ids in parts], minlength=len(texts))
        rows /= weights[:, None].astype(np.float32)
        return rows

    def unknown_share(self, texts: Sequence[str]) -> float:
        """Return how much of texts the tokenizer has no pieces for: of another language than the network's, most."""
        unknown = UNKNOWN_PIECES & set(self.tokenizer.get_vocab())
        numbers = {self.tokenizer.token_to_id(piece) for piece in unknown}
        pieces = [piece for _, part in self._parts(texts) for piece in part]
        return sum(piece in numbers for piece in pieces) / max(len(pieces), 1)

    def _parts(self, texts: Sequence[str]) -> list[tuple[int, list[int]]]:
        """Return (number of the text, its pieces as numbers) of each part; an empty text has one part, too."""
        cut = [text[:MAX_TEXT_CHARACTERS] for text in texts]
        encodings = self.tokenizer.encode_batch([text.lower() for text in cut] if self.lowercase else cut)
        return [
            (number, part.ids or [0])
            for number, encoding in enumerate(encodings)
            for part in islice([encoding, *encoding.overflowing], MAX_PARTS)
        ]


def load_text_encoder(folder: Path, stored: StoredEncoder) -> TextEncoder:
    """Load a stored sentence encoder. Raises DamagedEncoder, OSError, and what its packages raise."""
    weights = checked_weights(folder, stored)
    pool = _load_onnx(weights, stored) if stored.architecture == ONNX else _load_transformer(weights, stored)
    return TextEncoder(load_tokenizer(folder / TOKENIZER_FILE, stored.max_pieces), pool, stored.lowercase)


def load_tokenizer(path: Path, max_pieces: int) -> Any:  # noqa: ANN401  (of a package without types)
    """Return the tokenizer of a file, which cuts texts into parts and fills nothing up. Raises ValueError."""
    try:
        tokenizer = import_module("tokenizers").Tokenizer.from_file(str(path))
    except Exception as error:  # of no class of its own
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_pieces)
    return tokenizer


def _load_transformer(weights: Path, stored: StoredEncoder) -> Pool:
    network = TransformerEncoder.from_tensors(load_safetensors(weights), stored.config)

    def pooled(sequences: Sequences) -> Floats:
        rows, runs = network.encode(sequences)
        blocks = [rows[run.start : run.stop].reshape(-1, run.length, rows.shape[1]) for run in runs]
        return np.concatenate([block[:, 0] if stored.pooling == "cls" else block.mean(axis=1) for block in blocks])

    return pooled


def _load_onnx(weights: Path, stored: StoredEncoder) -> Pool:
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = runtime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    inputs = {put.name for put in session.get_inputs()}

    def pooled(sequences: Sequences) -> Floats:
        batches = (sequences[low : low + ONNX_BATCH_TEXTS] for low in range(0, len(sequences), ONNX_BATCH_TEXTS))
        return np.concatenate([encode(batch) for batch in batches])

    def encode(sequences: Sequences) -> Floats:
        ids, mask = np.zeros((2, len(sequences), max(map(len, sequences))), np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)], mask[row, : len(sequence)] = sequence, 1
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output: Floats = session.run(None, {name: known[name] for name in inputs})[0]
        if output.ndim == 2:  # pooled by the network itself
            return output
        if stored.pooling == "cls":
            return output[:, 0]
        counted = mask[:, :, None].astype(np.float32)
        return np.asarray((output * counted).sum(axis=1) / counted.sum(axis=1), np.float32)

    return pooled


def _batches(parts: Sequence[tuple[int, list[int]]], order: Sequence[int]) -> Iterator[list[int]]:
    """Yield the parts in that order, in batches of about BATCH_PIECES pieces."""
    batch: list[int] = []
    pieces = 0
    for index in order:
        batch.append(index)
        pieces += len(parts[index][1])
        if pieces >= BATCH_PIECES:
            yield batch
            batch, pieces = [], 0
    if batch:
        yield batch


def pooling_of_folder(folder: Path) -> str:
    """Return how the model in a folder pools, as sentence-transformers writes it: mean or cls.

    Raises ValueError where it does something else, or more than the network and pooling.
    """
    modules = _json_list(folder / "modules.json")
    kinds = {str(module.get("type", "")).rpartition(".")[2]: str(module.get("path", "")) for module in modules}
    if extra := kinds.keys() - {"Transformer", "Pooling", "Normalize"}:
        raise ValueError(f"it has layers that are not computed here: {', '.join(sorted(extra))}")
    path = folder / kinds.get("Pooling", "1_Pooling") / "config.json"
    if not path.is_file():
        return "mean"
    config = json.loads(path.read_text(encoding="utf-8"))
    modes = {key.removeprefix("pooling_mode_") for key, value in config.items() if value is True} - {"include_prompt"}
    pooling = {"mean_tokens": "mean", "cls_token": "cls"}.get(next(iter(modes), ""), config.get("pooling_mode", ""))
    if len(modes) > 1 or pooling not in ("mean", "cls"):
        raise ValueError("its vectors are pooled in a way that is not computed here")
    return str(pooling)


def _json_list(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []
