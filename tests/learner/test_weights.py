"""Files of weights: what torch and safetensors write is read, and nothing in a file is ever run."""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from learner.engine.weights import torch_files
from learner.engine.weights.safetensors_files import load_safetensors, read_safetensors, write_safetensors
from learner.engine.weights.torch_files import STREAM_MAGIC, read_torch_file
from learner.engine.weights.unreadable import UnreadableWeights

WEIGHTS = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a.bias": np.array([0.5, -1.5], np.float32),
    "steps": np.array(7, np.int64),
}
STORAGES = {"f": "FloatStorage", "i": "LongStorage"}


class Named:
    """Pickled as a name of torch's, such as torch.FloatStorage."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Called:
    """Pickled as a call of a name with arguments."""

    def __init__(self, what: Named, *arguments: object) -> None:
        self.what, self.arguments = what, arguments


class Stored:
    """Pickled as a reference to numbers elsewhere in the file."""

    def __init__(self, *reference: object) -> None:
        self.reference = reference


class TorchPickler(pickle._Pickler):
    """Writes what torch.save writes, without torch: the pickler of Python itself, written in Python."""

    def persistent_id(self, thing: object) -> object:
        return thing.reference if isinstance(thing, Stored) else None

    def save(self, thing: object, save_persistent_id: bool = True) -> None:
        if isinstance(thing, Named):
            self.write(pickle.GLOBAL + f"{thing.module}\n{thing.name}\n".encode())
        elif isinstance(thing, Called):
            self.save(thing.what)
            self.save(thing.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(thing, save_persistent_id)


def pickled(thing: object) -> bytes:
    file = io.BytesIO()
    TorchPickler(file, protocol=2).dump(thing)
    return file.getvalue()


def strides(array: np.ndarray) -> tuple[int, ...]:
    return tuple(step // array.itemsize for step in array.strides)


def tensor(key: str, array: np.ndarray, storage: str | None = None, **changes: object) -> Called:
    """As torch pickles a tensor; `changes` are what a hostile file says instead."""
    named = Named("torch", storage or STORAGES[array.dtype.kind])
    parts = {"count": array.size, "offset": 0, "shape": array.shape, "strides": strides(array)} | changes
    stored = Stored("storage", named, key, "cpu", parts["count"])
    extra = (False, OrderedDict())
    return Called(
        Named("torch._utils", "_rebuild_tensor_v2"), stored, parts["offset"], parts["shape"], parts["strides"], *extra
    )


def as_zip(path: Path, content: object, raw: dict[str, bytes], order: str = "little") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", content if isinstance(content, bytes) else pickled(content))
        archive.writestr("net/byteorder", order)
        for key, data in raw.items():
            archive.writestr(f"net/data/{key}", data)
    return path


def as_stream(path: Path, content: object, raw: dict[str, bytes]) -> Path:
    parts = [pickled(STREAM_MAGIC), pickled(1001), pickled({"little_endian": True}), pickled(content)]
    parts += [pickled(list(raw)), *(struct.pack("<q", len(data)) + data for data in raw.values())]
    path.write_bytes(b"".join(parts))
    return path


RAW = {str(number): array.tobytes() for number, array in enumerate(WEIGHTS.values())}
STATE = OrderedDict((name, tensor(str(number), array)) for number, (name, array) in enumerate(WEIGHTS.items()))


@pytest.mark.parametrize("write", [as_zip, as_stream])
@pytest.mark.parametrize("wrapped", [STATE, {"epoch": 3, "state_dict": dict(STATE)}], ids=["state", "checkpoint"])
def test_both_forms_of_torch_are_read(write, wrapped, tmp_path):
    found = read_torch_file(write(tmp_path / "net.pth", wrapped, RAW))
    assert list(found) == list(WEIGHTS)
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_a_view_of_a_storage_is_what_its_strides_say(tmp_path):
    whole = np.arange(8, dtype=np.float32)
    part = tensor("0", whole, count=8, offset=2, shape=(3, 2), strides=(1, 3))
    found = read_torch_file(as_zip(tmp_path / "net.pth", {"w": part}, {"0": whole.tobytes()}))
    np.testing.assert_array_equal(found["w"], [[2, 5], [3, 6], [4, 7]])


def test_halves_of_both_kinds_become_float32(tmp_path):
    half, brain = np.array([1.5, -2], np.float16), np.array([0x3FC0, 0xC000], np.uint16)
    content = {"half": tensor("0", half, "HalfStorage"), "brain": tensor("1", brain, "BFloat16Storage")}
    found = read_torch_file(as_zip(tmp_path / "net.pth", content, {"0": half.tobytes(), "1": brain.tobytes()}))
    for name in content:
        np.testing.assert_array_equal(found[name], [1.5, -2])
        assert found[name].dtype == np.float32


class Payload:
    """Runs when Python's own pickle module reads it."""

    ran: list[str] = []

    def __reduce__(self):
        return Payload.ran.append, ("it ran",)


def bare(*instructions: bytes) -> bytes:
    return b"\x80\x02" + b"".join(instructions) + b"."


HOSTILE = {
    "a class of its own": pickle.dumps(Payload(), 2),
    "a call of the system": bare(b"cposix\nsystem\n", b"X\x02\x00\x00\x00id", b"\x85R"),
    "a name in a name": bare(b"ccollections\nOrderedDict.__class__\n"),
    "an instance": bare(b"(ios\nsystem\n"),
    "a new object": bare(b"ccollections\nOrderedDict\n)\x81"),
    "arguments of a dictionary": bare(b"ccollections\nOrderedDict\n", b"}\x85R"),
    "the state of a name": bare(b"ctorch._utils\n_rebuild_tensor_v2\n", b"}X\x01\x00\x00\x00aK\x01sb"),
    "no tuple of arguments": bare(b"ccollections\nOrderedDict\n", b"}R"),
    "a tensor of nothing": bare(b"ctorch._utils\n_rebuild_tensor_v2\n", b"(NK\x00))tR"),
    "a reference that is none": bare(b"NQ"),
    "a huge number of bytes": bare(b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"),
    "a memo of nothing": bare(b"j\xff\xff\xff\x7f"),
    "a deep key": bare(b"}", b")" + b"\x85" * 100_000, b"K\x01s"),
    "an extension": bare(b"\x82\x01"),
    "nothing": b"",
    "no pickle": b"MZ\x90\x00" * 10,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_a_hostile_pickle_is_run(hostile, tmp_path):
    (tmp_path / "stream.pth").write_bytes(hostile)
    Payload.ran.clear()
    for path in (as_zip(tmp_path / "net.pth", hostile, {}), tmp_path / "stream.pth"):
        with pytest.raises(UnreadableWeights):
            read_torch_file(path)
    assert Payload.ran == []


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 6, "shape": (3, 3), "strides": (3, 1)},
        {"shape": (1 << 40,), "strides": (0,)},  # of six numbers, a tera
        {"offset": 1},
        {"offset": -1},
        {"shape": (2, 3), "strides": (1,)},
        {"shape": (2, -3)},
        {"strides": (-3, 1)},
        {"count": 7},
        {"count": 1 << 60, "shape": (1 << 30, 1 << 30), "strides": (1 << 30, 1)},
    ],
)
@pytest.mark.parametrize("write", [as_zip, as_stream])
def test_a_tensor_that_says_more_than_its_storage_holds_is_refused(write, changes, tmp_path):
    array = WEIGHTS["a.weight"]
    with pytest.raises(UnreadableWeights):
        read_torch_file(write(tmp_path / "net.pth", {"w": tensor("0", array, **changes)}, {"0": array.tobytes()}))


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(torch_files, "MAX_UNPACKED_BYTES", 20_000)
    many = np.zeros(10_000, np.float32)
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", pickled({"w": tensor("0", many)}))
        archive.writestr("net/data/0", many.tobytes())
    assert (tmp_path / "bomb.pth").stat().st_size < 1000
    with pytest.raises(UnreadableWeights, match="unpacks to more"):
        read_torch_file(tmp_path / "bomb.pth")
    with pytest.raises(UnreadableWeights, match="unpacks to more"):
        read_torch_file(as_stream(tmp_path / "old.pth", {"w": tensor("0", many)}, {"0": many.tobytes()}))


def test_one_storage_under_many_names_is_counted_as_often(tmp_path, monkeypatch):
    monkeypatch.setattr(torch_files, "MAX_UNPACKED_BYTES", 20_000)
    array = np.zeros(1000, np.float32)
    content = {f"w{number}": tensor("0", array) for number in range(6)}
    with pytest.raises(UnreadableWeights, match="unpacks to more"):
        read_torch_file(as_zip(tmp_path / "net.pth", content, {"0": array.tobytes()}))


@pytest.mark.parametrize(
    ("content", "raw", "order"),
    [({}, {}, "little"), ({"w": 1}, {}, "little"), ([1], {}, "little"), (STATE, RAW, "big"), (STATE, {}, "little")],
)
def test_what_is_no_dictionary_of_tensors_is_said_to_be_none(content, raw, order, tmp_path):
    with pytest.raises(UnreadableWeights):
        read_torch_file(as_zip(tmp_path / "net.pth", content, raw, order))


def test_a_broken_archive_is_said_to_be_broken(tmp_path):
    path = as_zip(tmp_path / "net.pth", STATE, RAW)
    path.write_bytes(path.read_bytes()[:-400] + path.read_bytes()[-350:])
    with pytest.raises(UnreadableWeights):
        read_torch_file(path)


def test_safetensors_are_read_as_written(tmp_path):
    write_safetensors(tmp_path / "net.safetensors", {name: WEIGHTS[name] for name in ("a.weight", "a.bias")})
    for found in (read_safetensors(tmp_path / "net.safetensors"), load_safetensors(tmp_path / "net.safetensors")):
        assert set(found) == {"a.weight", "a.bias"}
        np.testing.assert_array_equal(found["a.weight"], WEIGHTS["a.weight"])


def test_safetensors_of_bfloat16_become_float32(tmp_path):
    header = b'{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    data = struct.pack("<Q", len(header)) + header + struct.pack("<HH", 0x3FC0, 0xC000)
    (tmp_path / "net.safetensors").write_bytes(data)
    np.testing.assert_array_equal(read_safetensors(tmp_path / "net.safetensors")["w"], [1.5, -2])


@pytest.mark.parametrize("data", [b"", b"x" * 100, struct.pack("<Q", 1 << 60) + b"{}"])
def test_what_is_no_safetensors_file_is_said_to_be_none(data, tmp_path):
    (tmp_path / "net.safetensors").write_bytes(data)
    with pytest.raises(UnreadableWeights, match="safetensors"):
        read_safetensors(tmp_path / "net.safetensors")
