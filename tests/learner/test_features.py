"""Every feature set keeps the contract, whatever the texts."""

import hashlib

import numpy as np
import pytest
from PIL import Image
from scipy.sparse import csr_matrix

from learner.engine.features import FEATURE_SETS
from learner.engine.features.lsa import DIMENSIONS
from learner.engine.features.tfidf_terms import LATIN, SPACED, UNSPACED, script_of_texts

TEXTS = [f"the price of {what} went {way} in {when}" for what in ("oil", "gold", "tea") for way in ("up", "down")
         for when in ("May", "June", "July")]  # fmt: skip
ODD = ["", " ", "?!", "x" * 50_000, "\x00", "好吃", "🙂", "ok"]


class OfPictures:
    """The features of pictures, as if they were of texts: each text is drawn as coloured squares."""

    name = "images"

    def __init__(self, folder, made=None):
        self.folder, self.made = folder, made

    def __getattr__(self, name):
        return getattr(self.made, name)

    def fit(self, texts, seed):
        return OfPictures(self.folder, FEATURE_SETS["images"].fit(self.drawn(texts), seed))

    def load(self, folder):
        return OfPictures(self.folder, FEATURE_SETS["images"].load(folder))

    def transform(self, texts):
        return self.made.transform(self.drawn(texts))

    def drawn(self, texts):
        return [str(self.draw(hashlib.sha256(text.encode()).digest() * 3)) for text in texts]

    def draw(self, digest):
        path = self.folder / f"{digest[:8].hex()}.png"
        if not path.exists():
            Image.frombytes("RGB", (8, 4), digest).resize((160, 80), Image.Resampling.NEAREST).save(path)
        return path


@pytest.fixture(params=sorted(FEATURE_SETS))
def feature_set(request, tmp_path_factory):
    if request.param == "images":
        return OfPictures(tmp_path_factory.mktemp("pictures"))
    return FEATURE_SETS[request.param]


def material(feature_set, texts):
    """Return what the feature set reads: the texts, pairs of them, or rows of a table in which they are a column."""
    if feature_set.name == "text_pairs":
        return list(zip(texts, texts[::-1], strict=True))
    if feature_set.name not in ("records", "sides"):
        return texts
    rows = [{"words": text, "kind": text.split()[-1:], "length": len(text)} for text in texts]
    if feature_set.name == "records":
        return rows
    return [
        {"when": one["kind"], **{f"{side}.{name}": cell for side, row in pair for name, cell in row.items()}}
        for one, other in zip(rows, rows[::-1], strict=True)
        for pair in [(("left", one), ("right", other))]
    ]


def rows_of(transformer, texts):
    """Return dense rows, whatever the kind."""
    rows = transformer.transform(texts)
    return rows.toarray() if isinstance(rows, csr_matrix) else rows


def test_rows_are_float32_finite_and_of_the_width_it_says(feature_set):
    transformer = feature_set.fit(material(feature_set, TEXTS), 0)
    rows = rows_of(transformer, material(feature_set, TEXTS + ODD))
    assert rows.shape == (len(TEXTS) + len(ODD), transformer.dimensions)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert (np.linalg.norm(rows[: len(TEXTS)], axis=1) > 0.9).all()
    assert transformer.transform([]).shape == (0, transformer.dimensions)


def test_a_text_has_the_same_row_in_any_company(feature_set):
    contents = material(feature_set, TEXTS)
    transformer = feature_set.fit(contents, 0)
    whole = rows_of(transformer, contents)
    np.testing.assert_allclose(np.vstack([rows_of(transformer, [one]) for one in contents]), whole, atol=1e-5)


def test_it_comes_back_from_disk_without_pickle(feature_set, tmp_path):
    transformer = feature_set.fit(material(feature_set, TEXTS), 0)
    transformer.save(tmp_path)
    again = feature_set.load(tmp_path)
    assert again.dimensions == transformer.dimensions
    contents = material(feature_set, TEXTS + ODD)
    np.testing.assert_array_equal(rows_of(again, contents), rows_of(transformer, contents))
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} <= {".json", ".npz"}


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["?", "!"], ["same"] * 300])
def test_any_texts_can_be_fitted(feature_set, texts, tmp_path):
    transformer = feature_set.fit(material(feature_set, texts), 0)
    assert transformer.transform(material(feature_set, ["one", *texts])).shape == (
        1 + len(texts),
        transformer.dimensions,
    )
    transformer.save(tmp_path)
    assert feature_set.load(tmp_path).dimensions == transformer.dimensions


def test_same_seed_same_numbers(feature_set):
    contents = material(feature_set, TEXTS)
    first, second = feature_set.fit(contents, 3), feature_set.fit(contents, 3)
    np.testing.assert_array_equal(rows_of(first, contents), rows_of(second, contents))


def test_the_width_does_not_depend_on_the_pool():
    lsa = FEATURE_SETS["lsa"]
    assert lsa.fit(["one"], 0).dimensions == lsa.fit(TEXTS, 0).dimensions == DIMENSIONS


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (["the quick brown fox", "jumps over"], LATIN),
        (["Donaudampfschifffahrtsgesellschaft fährt"], LATIN),
        (["быстрая лиса"], SPACED),
        (["한국어는 띄어쓰기를 한다"], SPACED),
        (["味道很好,送餐也快", "太慢了"], UNSPACED),
        (["とても美味しいです"], UNSPACED),
        (["อาหารอร่อยมาก"], UNSPACED),
        (["a note about 好 food in English, mostly"], LATIN),
        ([], LATIN),
    ],
)
def test_the_script_is_seen_in_the_texts(texts, script):
    assert script_of_texts(texts) == script


@pytest.mark.parametrize(
    ("text", "english", "analysers"),
    [("much ado", True, ["word"]), ("味道很好", False, ["char"]), ("очень вкусно", False, ["word", "char_wb"])],
)
def test_the_default_leaves_english_embeddings_out_of_other_scripts(text, english, analysers, tmp_path):
    made = FEATURE_SETS["text"].fit([text, text + " " + text], 0)
    assert (made.static is not None) == english
    assert [part.analyser for part in made.lsa.tfidf.parts] == analysers
    made.save(tmp_path)
    assert FEATURE_SETS["text"].load(tmp_path).dimensions == made.dimensions


def test_chinese_texts_of_one_meaning_are_nearer():
    texts = [f"{food}很好吃味道不错" for food in "面饭菜汤肉"] + [f"{food}太慢了等很久" for food in "送骑外店餐"]
    rows = FEATURE_SETS["text"].fit(texts, 0).transform(texts)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    similar = rows @ rows.T
    assert similar[:5, :5].mean() > similar[:5, 5:].mean() + 0.2
