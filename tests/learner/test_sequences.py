"""Texts as tokens and tags: places hold in every script, spans come back, uncertainties are what the papers say."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.text.tags import spans_from_tags, tags_of
from annotation.text.tokens import tokenize
from learner.engine.estimators.tagging.text_uncertainty import TEXT_UNCERTAINTIES
from learner.engine.estimators.tagging.token_features import token_features
from learner.engine.estimators.tagging.word_clusters import word_clusters
from tests.scale import scaled

ODD = st.text(
    st.sampled_from("aZ9é_-. \n巴黎の👩\u200d❤\ufe0f\u0301\U0001f3fb\U0001f1eb\U0001f1f7שन\u093f"), max_size=30
)


def words(text):
    return [token.word for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada's U.S. trip", ["Ada", "'", "s", "U", ".", "S", ".", "trip"]),
        ("我在巴黎 with Ada", ["我", "在", "巴", "黎", "with", "Ada"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("हिन्दी है", ["हिन्दी", "है"]),
        ("hi👩\u200d👩\u200d👧!", ["hi", "👩\u200d👩\u200d👧", "!"]),
        ("👍\U0001f3fb❤\ufe0f", ["👍\U0001f3fb", "❤\ufe0f"]),
        ("@paul_w #fun", ["@", "paul_w", "#", "fun"]),
        (" \n", []),
    ],
)
def test_tokens(text, expected):
    assert words(text) == expected


@given(ODD)
@settings(max_examples=scaled(300), deadline=None)
def test_tokens_cover_all_but_white_space_in_order(text):
    found = tokenize(text)
    assert all(text[token.start : token.end] == token.word for token in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert "".join(token.word for token in found) == "".join(text.split())
    assert len(token_features(found)) == len(found)


@given(ODD, st.data())
@settings(max_examples=scaled(200), deadline=None)
def test_spans_of_whole_tokens_come_back(text, data):
    found = tokenize(text)
    spans, place = [], 0
    while place < len(found):
        length = data.draw(st.integers(0, 3))
        if length:
            last = min(place + length, len(found)) - 1
            spans.append(
                {"start": found[place].start, "end": found[last].end, "label": data.draw(st.sampled_from("AB"))}
            )
        place += max(length, 1)
    assert spans_from_tags(found, tags_of(found, spans)) == spans


def test_a_span_takes_every_token_it_touches_and_the_longest_stands():
    found = tokenize("Ada Lovelace slept")
    assert tags_of(found, [{"start": 1, "end": 5, "label": "PER"}]) == ["B-PER", "I-PER", "O"]
    assert tags_of(found, [{"start": 3, "end": 4, "label": "PER"}]) == ["O", "O", "O"]
    over = [{"start": 0, "end": 3, "label": "A"}, {"start": 0, "end": 12, "label": "B"}]
    assert tags_of(found, over) == ["B-B", "I-B", "O"]


def test_tags_that_go_on_with_nothing_begin():
    found = tokenize("a b c d")
    spans = spans_from_tags(found, ["I-A", "I-A", "I-B", "B-B"])
    assert [(span["start"], span["end"], span["label"]) for span in spans] == [(0, 3, "A"), (4, 5, "B"), (6, 7, "B")]


def test_observations_are_of_the_word_and_its_neighbours():
    first, second, third = token_features(tokenize("Visit Paris!"))
    assert {"w=visit", "short=Xx", "first", "1:w=paris"} <= set(first)
    assert {"w=paris", "pre=par", "suf=ris", "-1:w=visit", "1:w=!"} <= set(second)
    assert {"joined", "last", "-2:w=visit"} <= set(third)
    assert "joined" not in second


def test_clusters_hold_words_that_mean_alike():
    assert word_clusters("manchester") == word_clusters("bristol") != word_clusters("democratic")
    assert word_clusters("\u6e20\u9053\u6e20") == ()
    assert word_clusters("zzsphere") == word_clusters("xxsphere") != ()


# Doubts


MARGINALS = np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])


def entropy(*shares):
    return -sum(share * math.log(share) for share in shares)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("least_confidence", 1 - 0.3),
        ("normalised_least_confidence", 1 - 0.3 ** (20 / 3)),
        ("total_token_margin", 1 - math.exp(-(0.5 + 1 + 0))),
        ("mean_token_margin", 1 - math.exp(-20 * (0.5 + 1 + 0) / 3)),
        ("total_token_entropy", 1 - math.exp(-(entropy(0.7, 0.2, 0.1) + entropy(0.5, 0.5)))),
        ("mean_token_entropy", 1 - math.exp(-20 * (entropy(0.7, 0.2, 0.1) + entropy(0.5, 0.5)) / 3)),
    ],
)
def test_uncertainties_are_the_formulas(name, expected):
    assert TEXT_UNCERTAINTIES[name](MARGINALS, math.log(0.3)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", TEXT_UNCERTAINTIES)
def test_uncertainties_are_from_nothing_to_one(name):
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    unsure = np.full((400, 2), 0.5)
    assert TEXT_UNCERTAINTIES[name](sure, 0.0) == pytest.approx(0, abs=1e-9)
    assert TEXT_UNCERTAINTIES[name](unsure, -400 * math.log(2)) == pytest.approx(1, abs=1e-5)
    assert 0 <= TEXT_UNCERTAINTIES[name](np.empty((0, 2)), 0.0) <= 1
    assert 0 <= TEXT_UNCERTAINTIES[name](np.ones((3, 1)), 0.0) <= 1
