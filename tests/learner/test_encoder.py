"""The sentence encoder: an optional package, played here by a small one, and what happens without it."""

import sys
from types import ModuleType

import numpy as np
import pytest

from annotation.models import JobStatus, Project
from learner.engine.features import FEATURE_SETS, feature_set_named
from learner.engine.features.encoders import ENCODERS, EncoderMissing, encoding
from learner.engine.storage import feature_store
from learner.models import Round, Trigger
from learner.rounds import feature_matrices, feature_selection, running
from learner.rounds.scheduling import due_projects


class FakeEncoder:
    """Looks at lengths and at vowels."""

    def __init__(self, name):
        if name == "missing":
            raise OSError("no such model")

    def encode(self, texts, **options):
        return np.array([[len(text), *(text.count(vowel) for vowel in "aeiou"), 1] for text in texts], np.float32)


pytestmark = pytest.mark.usefixtures("nothing_loaded")


@pytest.fixture
def installed(monkeypatch):
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = FakeEncoder
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)


@pytest.fixture
def absent(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)


def test_texts_become_rows_of_length_one(installed, tmp_path):
    made = feature_set_named("encoder:tiny").fit([], 0)
    rows = made.transform(["a text", "", "x" * 50_000])
    assert rows.shape == (3, 7) == (3, made.dimensions)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert made.transform([]).shape == (0, 7)
    made.save(tmp_path)
    again = feature_set_named("encoder:tiny").load(tmp_path)
    np.testing.assert_array_equal(again.transform(["a text"]), rows[:1])
    assert {path.name for path in tmp_path.iterdir()} == {"encoder.json"}


def test_who_has_no_encoder_is_told_what_to_do(absent):
    assert "MARGIN_ENCODER" in ENCODERS["encoder"].missing_reason("")
    assert "requirements-encoders.txt" in ENCODERS["encoder"].missing_reason("tiny")
    with pytest.raises(EncoderMissing, match=r"requirements-encoders\.txt"):
        feature_set_named("encoder:tiny").fit([], 0)


def test_a_model_that_cannot_be_loaded_is_named(installed):
    assert ENCODERS["encoder"].missing_reason("missing") == ""
    with pytest.raises(EncoderMissing, match="missing cannot be loaded: no such model"):
        feature_set_named("encoder:missing").fit([], 0)


@pytest.mark.parametrize("name", ["nonsense", "encoder", "nonsense:tiny", ""])
def test_a_name_of_nothing_is_no_feature_set(name):
    assert feature_set_named(name) is None
    assert feature_set_named("text") is FEATURE_SETS["text"]


# In a project


def run(project) -> Round:
    running.run_due_rounds(project.pk)
    return Round.objects.filter(project=project).latest("number")


@pytest.fixture
def wanting(project, messages, settings) -> Project:
    """A project that asks for the encoder."""
    settings.ENCODERS = {"encoder": "tiny"}
    project.settings = {**project.settings, "features": "encoder"}
    project.save()
    return project


@pytest.mark.django_db(transaction=True)
def test_rounds_go_on_until_the_encoder_is_through_and_switch_over(installed, wanting, woken):
    first = run(wanting)
    assert first.status == JobStatus.DONE
    assert first.settings["features"].startswith("text")
    assert first.note
    assert woken == ["build_features"]
    feature_matrices.build_features(wanting.pk)
    assert due_projects() == [(wanting.pk, Trigger.REQUESTED)]
    second = run(wanting)
    assert second.settings["features"].startswith("encoder")
    assert feature_matrices.ensure_feature_matrix(wanting, 120)[0].shape == (120, 7)
    assert due_projects() == []
    assert woken[1:] == ["run_rounds"]


@pytest.mark.django_db(transaction=True)
def test_another_model_is_another_version(installed, wanting, woken, settings):
    feature_matrices.build_features(wanting.pk)
    before = feature_matrices.feature_store().current_version(wanting.pk)
    settings.ENCODERS = {"encoder": "other"}
    assert feature_matrices.ensure_feature_matrix(wanting, 120, quick=True)[1] == before
    assert feature_matrices.ensure_feature_matrix(wanting, 120)[1] != before


@pytest.mark.django_db(transaction=True)
def test_without_the_package_the_default_serves_and_the_round_says_so(absent, wanting, woken, annotator, label):
    run(wanting)
    label(wanting, annotator, 20)
    last = run(wanting)
    assert last.status == JobStatus.DONE
    assert last.settings["features"].startswith("text")
    assert "requirements-encoders.txt" in last.note
    assert not woken


@pytest.mark.django_db(transaction=True)
def test_a_model_that_does_not_load_is_told_in_the_next_round(installed, wanting, woken, settings, annotator, label):
    settings.ENCODERS = {"encoder": "missing"}
    run(wanting)
    feature_matrices.build_features(wanting.pk)
    label(wanting, annotator, 20)
    assert run(wanting).note == feature_selection.NOT_LOADED
    settings.ENCODERS = {"encoder": "tiny"}
    feature_matrices.build_features(wanting.pk)
    assert run(wanting).note == ""


@pytest.mark.django_db(transaction=True)
def test_an_encoder_that_is_gone_stops_no_round(installed, wanting, woken, monkeypatch, make_items):
    run(wanting)
    feature_matrices.build_features(wanting.pk)
    assert run(wanting).settings["features"].startswith("encoder")
    encoding.load_encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    make_items(wanting, ["something that came later"])
    last = run(wanting)
    assert last.status == JobStatus.DONE
    assert last.items == 121
    assert last.settings["features"].startswith("text")
    assert feature_matrices.ensure_feature_matrix(wanting, 121)[0].shape[0] == 121


@pytest.mark.django_db(transaction=True)
def test_what_takes_long_is_done_in_pieces(installed, wanting, woken, monkeypatch):
    monkeypatch.setitem(feature_store.SLOW_CHUNK_ITEMS, "encoder", 50)
    run(wanting)
    monkeypatch.setattr(feature_matrices, "BUILD_SECONDS", 0)
    for _ in range(3):
        feature_matrices.build_features(wanting.pk)
        assert feature_matrices.feature_store().current_version(wanting.pk).startswith("text")
    feature_matrices.build_features(wanting.pk)
    assert feature_matrices.feature_store().current_version(wanting.pk).startswith("encoder")
    assert woken == ["build_features"] * 4 + ["run_rounds"]
