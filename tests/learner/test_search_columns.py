"""A live round by the screening strategy: its terms lie beside the features, and it can be replayed."""

import pytest
from django.conf import settings

from annotation.models import QueueEntry, Reason
from annotation.projects.projects import update_project
from learner.engine.contracts.iteration import IterationSettings
from learner.models import Round
from learner.rounds import feature_matrices, running, search_columns
from learner.rounds.replay import CannotReplay, rebuild_input_and_settings, replay_round

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.no_cover]


@pytest.fixture
def searching(project, messages):
    update_project(project, settings={"strategy": "screening", "target_label": "spam", "features": "lsa"})
    project.refresh_from_db()
    return project


def test_a_round_ranks_by_terms_too_and_can_be_replayed(searching, annotator, label):
    running.run_due_rounds(searching.pk)
    label(searching, annotator, 20)
    running.run_due_rounds(searching.pk)
    current = Round.objects.filter(project=searching).latest("number")
    assert current.settings["terms"].startswith("tfidf")
    assert QueueEntry.objects.filter(project=searching, reason=Reason.SEARCH).exists()
    inputs, _ = rebuild_input_and_settings(current)
    assert inputs.terms is not None
    assert inputs.terms.shape[0] == inputs.features.shape[0]
    assert replay_round(current).is_identical
    current.settings["terms"] = "tfidf-v0"
    with pytest.raises(CannotReplay, match="terms"):
        rebuild_input_and_settings(current)


def test_a_topic_is_made_of_the_projects_own_columns(searching):
    items = searching.item_count
    feature_matrices.ensure_feature_matrix(searching, items)
    wanted = IterationSettings(strategy="screening", topic="win a prize")
    columns = search_columns.read_search_columns(searching, items, wanted)
    assert columns.topic is not None
    assert columns.topic.dense.shape == (1, 256)
    assert columns.topic.terms is not None
    assert columns.topic.terms.shape[1] == columns.terms.shape[1]
    other = search_columns.read_search_columns(searching, items, IterationSettings(strategy="margin"))
    assert other == search_columns.NO_SEARCH_COLUMNS


def test_the_terms_of_a_large_pool_are_made_in_the_background(searching, monkeypatch):
    monkeypatch.setattr(search_columns, "MIN_QUICK_ITEMS", 10)
    items, wanted = searching.item_count, IterationSettings(strategy="screening")
    assert search_columns.read_search_columns(searching, items, wanted).terms is None
    assert not search_columns.are_terms_final(searching, items, "screening")
    feature_matrices.build_features(searching.pk)
    assert search_columns.are_terms_final(searching, items, "screening")
    assert search_columns.read_search_columns(searching, items, wanted).terms is not None
    assert (settings.STORE_ROOT / str(searching.pk) / "terms").is_dir()
