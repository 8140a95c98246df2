"""Every feature set keeps the contract, whatever the texts."""

import numpy as np
import pytest

from learner.features import FEATURE_SETS
from learner.features.lsa import DIMENSIONS, analyser_for

TEXTS = [f"the price of {what} went {way} in {when}" for what in ("oil", "gold", "tea") for way in ("up", "down")
         for when in ("May", "June", "July")]  # fmt: skip
ODD = ["", " ", "?!", "x" * 50_000, "\x00", "好吃", "🙂", "ok"]


@pytest.fixture(params=sorted(FEATURE_SETS))
def feature_set(request):
    return FEATURE_SETS[request.param]


def test_rows_are_float32_finite_and_of_the_width_it_says(feature_set):
    transformer = feature_set.fit(TEXTS, 0)
    rows = transformer.transform(TEXTS + ODD)
    assert rows.shape == (len(TEXTS) + len(ODD), transformer.dimensions)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert (np.linalg.norm(rows[: len(TEXTS)], axis=1) > 0.9).all()
    assert transformer.transform([]).shape == (0, transformer.dimensions)


def test_a_text_has_the_same_row_in_any_company(feature_set):
    transformer = feature_set.fit(TEXTS, 0)
    whole = transformer.transform(TEXTS)
    np.testing.assert_allclose(np.vstack([transformer.transform([text]) for text in TEXTS]), whole, atol=1e-5)


def test_it_comes_back_from_disk_without_pickle(feature_set, tmp_path):
    transformer = feature_set.fit(TEXTS, 0)
    transformer.save(tmp_path)
    again = feature_set.load(tmp_path)
    assert again.dimensions == transformer.dimensions
    np.testing.assert_array_equal(again.transform(TEXTS + ODD), transformer.transform(TEXTS + ODD))
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".npz"}


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["?", "!"], ["same"] * 300])
def test_any_texts_can_be_fitted(feature_set, texts, tmp_path):
    transformer = feature_set.fit(texts, 0)
    assert transformer.transform(["one", *texts]).shape == (1 + len(texts), transformer.dimensions)
    transformer.save(tmp_path)
    assert feature_set.load(tmp_path).dimensions == transformer.dimensions


def test_same_seed_same_numbers(feature_set):
    first, second = feature_set.fit(TEXTS, 3), feature_set.fit(TEXTS, 3)
    np.testing.assert_array_equal(first.transform(TEXTS), second.transform(TEXTS))


def test_the_width_does_not_depend_on_the_pool():
    lsa = FEATURE_SETS["lsa"]
    assert lsa.fit(["one"], 0).dimensions == lsa.fit(TEXTS, 0).dimensions == DIMENSIONS


@pytest.mark.parametrize(
    ("texts", "analyser"),
    [
        (["the quick brown fox", "jumps over"], "word"),
        (["Donaudampfschifffahrtsgesellschaft fährt"], "word"),
        (["быстрая лиса"], "word"),
        (["한국어는 띄어쓰기를 한다"], "word"),
        (["味道很好,送餐也快", "太慢了"], "char"),
        (["とても美味しいです"], "char"),
        (["อาหารอร่อยมาก"], "char"),
        (["a note about 好 food in English, mostly"], "word"),
        ([], "word"),
    ],
)
def test_scripts_without_spaces_are_cut_into_characters(texts, analyser):
    assert analyser_for(texts) == analyser


def test_chinese_texts_of_one_meaning_are_nearer():
    texts = [f"{food}很好吃味道不错" for food in "面饭菜汤肉"] + [f"{food}太慢了等很久" for food in "送骑外店餐"]
    rows = FEATURE_SETS["text"].fit(texts, 0).transform(texts)
    similar = rows @ rows.T
    assert similar[:5, :5].mean() > similar[:5, 5:].mean() + 0.2
