"""Features of pictures: what looks alike lies near, and a lost file stops nobody."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from learner.engine.features.image_descriptors import ImageDescriptors, ImageFeatures

COLOURS = {"red": (220, 40, 30), "blue": (30, 60, 210)}


def draw(path, colour, shape, seed, size=(200, 150)):
    """A disc or stripes of a colour, somewhere on grey noise."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(90, 150, (*size[::-1], 3), dtype=np.uint8))
    pen, (x, y) = ImageDraw.Draw(image), rng.integers(30, 60, 2).tolist()
    if shape == "disc":
        pen.ellipse((x, y, x + 80, y + 80), fill=COLOURS[colour])
    else:
        for step in range(0, 80, 16):
            pen.rectangle((x + step, y, x + step + 7, y + 80), fill=COLOURS[colour])
    image.save(path)
    return str(path)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Four kinds of pictures, eight of each: {(colour, shape): paths}."""
    folder = tmp_path_factory.mktemp("drawn")
    return {
        (colour, shape): [draw(folder / f"{colour}-{shape}-{n}.png", colour, shape, n) for n in range(8)]
        for colour in COLOURS
        for shape in ("disc", "stripes")
    }


@pytest.fixture(scope="module")
def descriptors(drawn):
    return ImageFeatures().fit([path for paths in drawn.values() for path in paths], 0)


@pytest.mark.parametrize("part", [0, 1], ids=["colour", "shape"])
def test_what_looks_alike_lies_near(drawn, descriptors, part):
    rows = {kind: descriptors.transform(paths) for kind, paths in drawn.items()}
    for kind, mine in rows.items():
        others = np.vstack([other for name, other in rows.items() if name[part] != kind[part]])
        alike = (mine @ mine.T)[np.triu_indices(len(mine), 1)]
        assert alike.mean() > (mine @ others.T).mean() + 0.3


def test_the_size_of_a_picture_matters_little(drawn, descriptors, tmp_path):
    [path, *_] = drawn["red", "disc"]
    with Image.open(path) as image:
        image.resize((800, 600), Image.Resampling.BICUBIC).save(tmp_path / "large.png")
    small, large = descriptors.transform([path, str(tmp_path / "large.png")])
    assert small @ large > 0.8


def test_a_lost_or_broken_file_is_like_any_grey_one(descriptors, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    Image.new("RGB", (50, 50), (128, 128, 128)).save(tmp_path / "grey.png")
    lost, broken, grey = descriptors.transform(
        [str(tmp_path / name) for name in ("lost.png", "broken.jpg", "grey.png")]
    )
    np.testing.assert_array_equal(lost, grey)
    np.testing.assert_array_equal(broken, grey)


def test_rows_without_directions_are_zero():
    empty = ImageFeatures().fit([], 0)
    assert isinstance(empty, ImageDescriptors)
    assert not empty.transform(["nowhere.png"]).any()
