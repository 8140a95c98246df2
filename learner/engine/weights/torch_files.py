"""Files that torch.save wrote, both kinds: a zip of a pickle and its numbers, and the older stream of pickles."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from learner.engine.weights.tensor_pickles import StorageReference, TensorReference, read_pickle
from learner.engine.weights.unreadable import UnreadableWeights

Arrays = dict[str, NDArray[np.generic]]

MAX_UNPACKED_BYTES = 4 << 30  # of all tensors of a file
MAX_PICKLE_BYTES = 64 << 20
STREAM_MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of an older file
COUNT_BYTES = 8  # before the numbers of each storage of a stream
WEIGHT_KEYS = ("state_dict", "model_state_dict", "model")  # keys that trainers keep the weights under


def read_torch_file(path: Path) -> Arrays:
    """Return the tensors of a file by name, floats as float32. Raises UnreadableWeights; runs nothing."""
    try:
        content, storages = _read_zip(path) if zipfile.is_zipfile(path) else _read_stream(path)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError) as error:
        raise UnreadableWeights(f"It is no file of weights, or a broken one ({error}).") from error
    tensors = _named_tensors(content)
    if sum(_element_count(tensor) * 4 for tensor in tensors.values()) > MAX_UNPACKED_BYTES:
        raise UnreadableWeights("It unpacks to more than any encoder needs.")
    return {name: _as_array(tensor, storages) for name, tensor in tensors.items()}


def _read_zip(path: Path) -> tuple[object, dict[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if sum(entry.file_size for entry in entries.values()) > MAX_UNPACKED_BYTES:
            raise UnreadableWeights("It unpacks to more than any encoder needs.")
        main = next((name for name in entries if name.endswith("/data.pkl")), None)
        if main is None or entries[main].file_size > MAX_PICKLE_BYTES:
            raise UnreadableWeights("It is no file of weights: there is no data.pkl of a fit size in it.")
        folder = main.removesuffix("data.pkl")
        order = entries.get(f"{folder}byteorder")
        if order is not None and archive.read(order) != b"little":
            raise UnreadableWeights("Its numbers are written with the large byte first.")
        with archive.open(main) as file:
            content = read_pickle(file)
        prefix = f"{folder}data/"
        return content, {name.removeprefix(prefix): archive.read(name) for name in entries if name.startswith(prefix)}


def _read_stream(path: Path) -> tuple[object, dict[str, bytes]]:
    with path.open("rb") as file:
        if read_pickle(file) != STREAM_MAGIC:
            raise UnreadableWeights("It is no file of weights that torch wrote.")
        read_pickle(file)  # the version of the protocol
        read_pickle(file)  # sizes of numbers
        content, keys = read_pickle(file), read_pickle(file)
        sizes = {
            tensor.storage.key: tensor.storage.count * _item_bytes(tensor.storage)
            for tensor in _named_tensors(content).values()
        }
        if not isinstance(keys, list) or sum(sizes.values()) > MAX_UNPACKED_BYTES:
            raise UnreadableWeights("It unpacks to more than any encoder needs.")
        return content, {key: _read_counted(file, sizes.get(key)) for key in map(str, keys)}


def _read_counted(file: IO[bytes], size: int | None) -> bytes:
    if size is None or len(file.read(COUNT_BYTES)) != COUNT_BYTES:
        raise UnreadableWeights("Its numbers belong to no tensor.")
    return file.read(size)


def _named_tensors(content: object) -> dict[str, TensorReference]:
    """Return the tensors of a dictionary, or of the one that a trainer kept them in."""
    for wrapper in WEIGHT_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    found = content if isinstance(content, Mapping) else {}
    tensors = {str(name): value for name, value in found.items() if isinstance(value, TensorReference)}
    if not tensors:
        raise UnreadableWeights("It holds no dictionary of tensors.")
    return tensors


def _element_count(tensor: TensorReference) -> int:
    """Return how many numbers a tensor has. Raises UnreadableWeights where its storage has fewer."""
    count = int(np.prod(tensor.shape, dtype=object)) if tensor.shape else 1
    last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=False))
    negative = min(*tensor.shape, *tensor.strides, tensor.offset, 0) < 0
    if negative or len(tensor.shape) != len(tensor.strides) or count > tensor.storage.count:
        raise UnreadableWeights("A tensor has other numbers than its storage.")
    if count and last >= tensor.storage.count:
        raise UnreadableWeights("A tensor has other numbers than its storage.")
    return count


def _item_bytes(storage: StorageReference) -> int:
    return 2 if storage.dtype == "bf16" else np.dtype(storage.dtype).itemsize


def _as_array(tensor: TensorReference, storages: Mapping[str, bytes]) -> NDArray[np.generic]:
    """Return a copy of the view that a tensor is of its storage."""
    stored, raw = tensor.storage, storages.get(tensor.storage.key, b"")
    if len(raw) != stored.count * _item_bytes(stored):
        raise UnreadableWeights("A storage is shorter than it says.")
    if stored.dtype == "bf16":
        numbers: NDArray[np.generic] = widen_bfloat16(np.frombuffer(raw, "<u2"))
    else:
        numbers = np.frombuffer(raw, np.dtype(stored.dtype).newbyteorder("<"))
    steps = tuple(step * numbers.itemsize for step in tensor.strides)
    view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, steps, writeable=False)
    return as_float32(view)


def widen_bfloat16(halves: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return bfloat16 numbers, given as the 16 bits of each, as float32: the upper half of it."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def as_float32(numbers: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a copy of numbers in C order; those with a fraction as float32."""
    return np.array(numbers, np.float32 if numbers.dtype.kind == "f" else numbers.dtype, order="C")
