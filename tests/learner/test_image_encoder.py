"""The image encoder: optional packages, played here by small ones, and what happens without them."""

import sys
from contextlib import nullcontext
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Item, JobStatus, Project
from learner.engine.features import feature_set_named
from learner.engine.features.encoders import ENCODERS, EncoderMissing
from learner.models import Round
from learner.rounds import feature_matrices, feature_selection, running
from tests.pictures import picture

pytestmark = pytest.mark.usefixtures("nothing_loaded")
SIDE = 4
TIMM, CLIP = "image_encoder:tiny", "image_encoder:open_clip:tiny"


class FakeNetwork:
    """Sees the mean of each colour; the middle of the scale is zero."""

    batches: list[int] = []

    def __init__(self, name, how):
        if name == "missing":
            raise OSError("no such model")
        self.name, self.how, self.ready = name, how, False

    def eval(self):
        self.ready = True
        return self

    def __call__(self, batch):
        assert self.ready
        assert batch.shape[1:] == (SIDE, SIDE, 3)
        self.batches.append(len(batch))
        return batch.mean((1, 2))

    encode_image = __call__


def preprocess(image):
    assert image.mode == "RGB"
    return np.asarray(image.resize((SIDE, SIDE)), np.float32) / 255 - 0.5


def cut_for(of, is_training):
    assert of
    assert not is_training
    return preprocess


@pytest.fixture
def made(monkeypatch) -> list[FakeNetwork]:
    """Put the packages there; returns the networks that are made."""
    networks: list[FakeNetwork] = []

    def make(name, **how):
        networks.append(FakeNetwork(name, how))
        return networks[-1]

    torch, timm, data, clip = (ModuleType(name) for name in ("torch", "timm", "timm.data", "open_clip"))
    torch.inference_mode, torch.stack = nullcontext, np.stack
    timm.create_model = make
    data.resolve_model_data_config = lambda network: {"of": network.name}
    data.create_transform = cut_for
    clip.create_model_from_pretrained = lambda name, pretrained: (make(name, pretrained=pretrained), preprocess)
    for module in (torch, timm, data, clip):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(FakeNetwork, "batches", [])
    return networks


@pytest.fixture
def absent(monkeypatch):
    for name in ("timm", "open_clip"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def files(tmp_path):
    """A red picture and a blue one in greys' palette, of other sizes."""
    for name, color, size in (("red", "red", (9, 5)), ("blue", "blue", (50, 70))):
        Image.new("RGB", size, color).convert("P").save(tmp_path / f"{name}.png")
    return [str(tmp_path / f"{name}.png") for name in ("red", "blue")]


@pytest.mark.parametrize("name", [TIMM, CLIP])
def test_images_become_rows_of_length_one(name, made, files, tmp_path):
    encoder = feature_set_named(name).fit([], 0)
    rows = encoder.transform(files)
    assert rows.shape == (2, 3) == (2, encoder.dimensions)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, np.array([[1, -1, -1], [-1, -1, 1]]) / np.sqrt(3), atol=0.02)
    assert encoder.transform([]).shape == (0, 3)
    encoder.save(tmp_path / "kept")
    np.testing.assert_array_equal(feature_set_named(name).load(tmp_path / "kept").transform(files), rows)
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"encoder.json"}
    assert len(made) == 1  # loaded once


def test_many_images_go_in_batches_that_change_nothing(made, files):
    encoder = feature_set_named(TIMM).fit([], 0)
    many = encoder.transform(files * 40)
    assert FakeNetwork.batches == [1, 32, 32, 16]
    np.testing.assert_array_equal(many, np.tile(encoder.transform(files), (40, 1)))


def test_a_lost_or_broken_file_is_grey(made, files, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    Image.new("RGB", (50, 50), (128, 128, 128)).save(tmp_path / "grey.png")
    names = ("lost.png", "broken.jpg", "grey.png")
    lost, broken, grey = feature_set_named(TIMM).fit([], 0).transform([str(tmp_path / name) for name in names])
    np.testing.assert_array_equal(lost, grey)
    np.testing.assert_array_equal(broken, grey)


@pytest.mark.parametrize(
    ("model", "name", "how"),
    [
        ("tiny", "tiny", {"pretrained": True, "num_classes": 0}),
        (
            "tiny@/srv/tiny.safetensors",
            "tiny",
            {"pretrained": True, "num_classes": 0, "pretrained_cfg_overlay": {"file": "/srv/tiny.safetensors"}},
        ),
        ("hf-hub:timm/tiny@main", "hf-hub:timm/tiny@main", {"pretrained": True, "num_classes": 0}),
        ("open_clip:ViT-B-32", "ViT-B-32", {"pretrained": None}),
        ("open_clip:ViT-B-32@laion2b", "ViT-B-32", {"pretrained": "laion2b"}),
        ("open_clip:ViT-B-32@/srv/b.pt", "ViT-B-32", {"pretrained": "/srv/b.pt"}),
        ("open_clip:hf-hub:laion/b@main", "hf-hub:laion/b@main", {"pretrained": None}),
    ],
)
def test_a_model_is_of_either_library_with_its_weights_or_others(model, name, how, made):
    feature_set_named(f"image_encoder:{model}").fit([], 0)
    assert (made[0].name, made[0].how) == (name, how)


@pytest.mark.parametrize("library", ["", "open_clip:"])
def test_a_model_may_be_in_a_folder(library, made, tmp_path):
    (tmp_path / "a@b").mkdir()
    feature_set_named(f"image_encoder:{library}{tmp_path / 'a@b'}").fit([], 0)
    assert made[0].name == f"local-dir:{tmp_path / 'a@b'}"


def test_who_has_no_encoder_is_told_what_to_do(absent):
    assert "MARGIN_IMAGE_ENCODER" in ENCODERS["image_encoder"].missing_reason("")
    for name in (TIMM, CLIP):
        with pytest.raises(EncoderMissing, match=r"requirements-encoders\.txt"):
            feature_set_named(name).fit([], 0)


def test_the_package_that_has_the_model_is_what_is_needed(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "open_clip", None)
    assert feature_set_named(TIMM).fit([], 0).dimensions == 3
    with pytest.raises(EncoderMissing, match="not installed"):
        feature_set_named(CLIP).fit([], 0)


def test_a_model_that_cannot_be_loaded_is_named(made):
    with pytest.raises(EncoderMissing, match="missing cannot be loaded: no such model"):
        feature_set_named("image_encoder:missing").fit([], 0)


# In a project


@pytest.fixture
def pictured(project, settings) -> Project:
    """A project of 40 pictures, red or blue, that asks for the encoder."""
    settings.ENCODERS = {"image_encoder": "tiny"}
    Project.objects.filter(pk=project.pk).update(
        task_type="image_classification", settings={"features": "encoder"}, item_count=40
    )
    found = [image_storage.store_image(project.pk, picture((200 * (n % 2), n, 200 * (1 - n % 2)))) for n in range(40)]
    Item.objects.bulk_create(
        [Item(project=project, position=n, content=one, content_hash=content_hash(one)) for n, one in enumerate(found)]
    )
    project.refresh_from_db()
    return project


def run(project) -> Round:
    running.run_due_rounds(project.pk)
    return Round.objects.filter(project=project).latest("number")


@pytest.mark.django_db(transaction=True)
def test_rounds_begin_with_the_default_and_switch_over(made, pictured, woken):
    first = run(pictured)
    assert first.status == JobStatus.DONE
    assert first.settings["features"].startswith("images")
    assert woken == ["build_features"]
    feature_matrices.build_features(pictured.pk)
    second = run(pictured)
    assert second.status == JobStatus.DONE
    assert second.settings["features"].startswith("image_encoder")
    assert feature_matrices.ensure_feature_matrix(pictured, 40)[0].shape == (40, 3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("model", "told"), [("tiny", "requirements-encoders.txt"), ("", "MARGIN_IMAGE_ENCODER")])
def test_without_package_or_name_the_default_serves_and_is_told(model, told, absent, pictured, woken, settings):
    settings.ENCODERS = {"image_encoder": model}
    kind, why = feature_selection.effective_feature_set_and_reason(pictured)
    assert kind == "images"
    assert told in why
    assert run(pictured).settings["features"].startswith("images")
    assert not woken


@pytest.mark.django_db(transaction=True)
def test_a_model_that_does_not_load_stops_no_round(made, pictured, woken, settings):
    settings.ENCODERS = {"image_encoder": "missing"}
    feature_matrices.build_features(pictured.pk)
    last = run(pictured)
    assert last.status == JobStatus.DONE
    assert last.settings["features"].startswith("images")
    assert feature_matrices.feature_store().last_error(pictured.pk) == feature_selection.NOT_LOADED
