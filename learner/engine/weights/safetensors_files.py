"""Safetensors: a header of JSON and the numbers. https://github.com/huggingface/safetensors"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from learner.engine.weights.torch_files import MAX_UNPACKED_BYTES, Arrays, as_float32, widen_bfloat16
from learner.engine.weights.unreadable import UnreadableWeights

DTYPES = {
    "F64": "f8", "F32": "f4", "F16": "f2", "BF16": "<u2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U8": "u1",
    "BOOL": "?",
}  # fmt: skip


def read_safetensors(path: Path) -> Arrays:
    """Return the tensors of a file by name, floats as float32. Raises UnreadableWeights."""
    if path.stat().st_size > MAX_UNPACKED_BYTES:
        raise UnreadableWeights("It unpacks to more than any encoder needs.")
    try:
        tensors = safetensors.deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise UnreadableWeights(f"It is no safetensors file, or a broken one ({error}).") from error
    return {name: _as_array(name, info) for name, info in tensors}


def write_safetensors(path: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Write the tensors into a file."""
    save_file(dict(arrays), path)


def load_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return what `write_safetensors` wrote. Raises SafetensorError, OSError."""
    arrays: dict[str, NDArray[np.float32]] = load_file(path)
    return arrays


def _as_array(name: str, info: dict[str, Any]) -> NDArray[np.generic]:
    kind, data = info["dtype"], info["data"]
    if kind not in DTYPES:
        raise UnreadableWeights(f"Its tensor {name} has numbers of the kind {kind}, which are not read here.")
    numbers: NDArray[Any] = np.frombuffer(data, DTYPES[kind])
    return as_float32((widen_bfloat16(numbers) if kind == "BF16" else numbers).reshape(info["shape"]))
