"""Find all items of one label: no sample in the way, what has been found, and the way to the goal and back."""

import numpy as np
import pytest

from annotation.exports import exporting
from annotation.models import Annotation, Item, Project, Reason, Split, User
from annotation.projects.projects import update_project
from annotation.queue import leasing
from annotation.signals import items_committed
from learner.models import LearnerState, Round
from learner.reports import learning_curves
from learner.reports.finding import MAX_FINDS_POINTS, curve_of_finds
from learner.reports.progress import progress_document
from learner.rounds import test_sample, training_data
from learner.rounds.auto_pause import reached_limits
from learner.rounds.running import run_due_rounds
from learner.rounds.scheduling import request_round
from tests.learner.test_bridge import answer, given

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


@pytest.fixture
def search(project):
    return update_project(project, settings={"goal": "find_all", "label_to_find": "spam"})


def train_model(project):
    return update_project(project, settings={"goal": "train_model"})


def find_all(project):
    return update_project(project, settings={"goal": "find_all", "label_to_find": "spam"})


def answered_test_sample(project, annotator, make_items, count=50):
    """A project with a test sample a fifth of its items, half of which have answers."""
    make_items(project, count)
    test_sample.update_test_sample(project)
    sample = list(Item.objects.filter(project=project, split=Split.TEST).order_by("position"))
    for item in sample[: len(sample) // 2]:
        answer(project, annotator, item)
    return sample


def test_a_search_ranks_every_unread_item_and_asks_nothing_at_random(search, annotator, messages, label):
    run_due_rounds(search.pk)
    while Round.objects.count() < 4:
        label(search, annotator, 10)
        run_due_rounds(search.pk)
    assert not Item.objects.filter(split=Split.TEST).exists()
    newest = Round.objects.first()
    assert newest.note == ""
    assert newest.published == 120 - Annotation.objects.count()
    assert {row.reason for row in leasing.lease(search, annotator, 10)} == {Reason.SEARCH}


def test_known_items_are_what_a_search_begins_with(search, annotator, messages):
    run_due_rounds(search.pk)
    answer(search, annotator, messages[0], "spam")
    assert run_due_rounds(search.pk) == 0
    items_committed.send(sender=Project, project_id=search.pk, done=True)  # as at the end of an import
    assert run_due_rounds(search.pk) == 1
    nearest = [row.item.content["text"] for row in leasing.lease(search, annotator, 5)]
    assert all(text.startswith("win a free prize") for text in nearest)


def test_a_test_sample_is_ranked_from_the_change_of_the_goal_on(project, annotator, make_items):
    sample = answered_test_sample(project, annotator, make_items)
    assert not given(project).available[[item.position for item in sample]].any()
    search = find_all(project)
    test_sample.update_test_sample(search)
    inputs = given(search)
    unread = [item.position for item in sample if not Annotation.objects.filter(item=item).exists()]
    assert len(unread) == 5
    assert inputs.available[unread].all()
    assert len(inputs.test_rows) == 0
    assert set(inputs.train_rows) == {item.position for item in sample} - set(unread)
    assert Annotation.objects.count() == 5


def test_back_at_training_a_model_a_sample_is_drawn_of_what_nobody_has_read(search, annotator, make_items):
    items = make_items(search, 60)
    test_sample.update_test_sample(search)
    machine = User.objects.create(username="imported", is_machine=True, is_active=False)
    for item in items[:10]:
        Annotation.objects.create(project=search, item=item, user=machine, outcome="label", value={"labels": ["spam"]})
        Item.objects.filter(pk=item.pk).update(answers=1)
    for item in items[10:20]:
        answer(search, annotator, item)
    test_sample.update_test_sample(train_model(search))
    drawn = Item.objects.filter(split=Split.TEST).values_list("position", flat=True)
    assert len(drawn) == 12
    assert min(drawn) >= 20


def test_earlier_figures_keep_their_date(project, annotator, messages, label, monkeypatch):
    monkeypatch.setattr(learning_curves, "MIN_TEST_ANSWERS", 10)
    project = update_project(project, settings={"test_size": 24, "test_share": 0.6, "batch_size": 30})
    run_due_rounds(project.pk)
    for _ in range(2):
        label(project, annotator, 30)
        run_due_rounds(project.pk)
    before = progress_document(project)
    assert before["finding"] is None
    accuracy = before["current"]["accuracy"]
    search = find_all(project)
    request_round(search)  # as the signal does once the change is committed
    run_due_rounds(search.pk)
    document = progress_document(search)
    earlier = document["finding"]["earlier"]
    assert {one["name"]: one["estimate"] for one in earlier["figures"]}["accuracy"] == accuracy
    assert (earlier["round"], earlier["test_answers"]) == (before["current"]["round"], before["test"]["answered"])
    assert document["current"] is document["curve"] is None
    assert "random sample" in document["test"]["reason"]
    request_round(search)
    run_due_rounds(train_model(search).pk)
    assert LearnerState.objects.get().earlier_metrics["round"] == earlier["round"]


def test_what_has_been_found_is_told_of_all_items(search, annotator, messages, label):
    run_due_rounds(search.pk)
    for _ in range(6):
        label(search, annotator, 10)
        run_due_rounds(search.pk)
    search.refresh_from_db()
    found = progress_document(search)["finding"]
    assert (found["label"], found["records"], found["read"], found["unread"]) == ("spam", 120, 60, 60)
    assert found["found"] == Annotation.objects.filter(value={"labels": ["spam"]}).count()
    assert 0 < found["recall_lower_bound"] <= found["found"] / 40, "40 of 120 are spam"
    assert found["recall"] is None or found["recall_lower_bound"] <= found["recall"] <= 1
    assert found["curve"][-1] == {"read": 60, "found": found["found"]}


def test_before_the_first_find_nothing_is_said_of_recall(search, annotator, make_items):
    items = make_items(search, 30)
    for item in items[:5]:
        answer(search, annotator, item, "ham")
    document = progress_document(search)
    found = document["finding"]
    assert (found["found"], found["recall"], found["recall_lower_bound"], found["next"]["finds"]) == (
        0,
        None,
        None,
        None,
    )
    assert document["stop"]["advice"] is None


def test_how_many_are_left_is_told_once_finds_are_rarer(search, annotator, make_items):
    items = make_items(search, 200)
    search.refresh_from_db()
    for item in items[:10]:
        answer(search, annotator, item, "spam")
    early = progress_document(search)["finding"]
    assert early["recall_lower_bound"] < 0.1
    assert early["recall"] is early["expected_relevant_unread"] is early["work_saved"] is None
    assert early["next"]["finds"] > 50
    for item in items[10:60]:
        answer(search, annotator, item, "ham")
    document = progress_document(search)
    late, stop = document["finding"], document["stop"]
    told = f"at least {int(100 * late['recall_lower_bound'])}% of “spam” has been found, 95% sure. The target is 95%."
    assert (stop["advice"], stop["reason"]) == ("go on", f"Go on: {told}")
    assert early["recall_lower_bound"] < late["recall_lower_bound"] < late["recall"] <= 1
    assert late["work_saved"] > 0.5
    assert late["next"]["finds"] < 1
    for item in items[60:]:
        answer(search, annotator, item, "ham")
    assert progress_document(search)["stop"]["reason"].startswith("You can stop: at least 100% of “spam”")


def test_conditions_are_those_of_a_search(search, make_items):
    make_items(search, 30)
    search = update_project(search, settings={"target_recall": 0.8})
    conditions = {one["name"]: one for one in progress_document(search)["stop"]["conditions"]}
    assert list(conditions) == ["label_budget", "time_budget", "expected_recall", "irrelevant_run"]
    assert conditions["expected_recall"]["threshold"] == 0.8


def test_a_search_pauses_at_its_target_recall(search, annotator, make_items):
    items = make_items(search, 60)
    search = update_project(search, settings={"stop_when": "pause"})
    answer(search, annotator, items[0], "spam")
    assert reached_limits(search) == {}
    for item in items[1:]:
        answer(search, annotator, item, "ham")
    assert reached_limits(search) == {"expected_recall": 0.95}
    assert reached_limits(train_model(search)) == {}


def test_skipped_and_flagged_items_are_unread(search, annotator, make_items):
    items = make_items(search, 5)
    answer(search, annotator, items[0], "spam")
    answer(search, annotator, items[1], outcome="skip")
    answer(search, annotator, items[2], outcome="flag")
    search.refresh_from_db()
    found = progress_document(search)["finding"]
    assert (found["read"], found["unread"]) == (1, 4)


def test_reasons_for_exclusion_are_counted_and_train_nothing(search, annotator, make_items):
    items = make_items(search, 3)
    search = update_project(search, settings={"exclusion_reasons": ["dull", "late"]})
    answer(search, annotator, items[0], "spam")
    row = answer(search, annotator, items[1], "ham")
    Annotation.objects.filter(pk=row.pk).update(exclusion_reason="late")
    assert progress_document(search)["finding"]["exclusion_reasons"] == [
        {"reason": "dull", "count": 0},
        {"reason": "late", "count": 1},
    ]
    assert training_data.settled_answers(search, row.pk).labels.tolist() == ["spam", "ham"]


def test_an_export_says_how_much_of_the_label_it_holds(search, lead, annotator, make_items, api_of):
    items = make_items(search, 20)
    search.refresh_from_db()
    for n, item in enumerate(items[:15]):
        answer(search, annotator, item, "spam" if n < 3 else "ham")
    run = exporting.create_export(search, lead, "csv")
    exporting.run_export(run.pk)
    page = f"/api/v1/projects/{search.pk}/exports/"
    recall = api_of(lead).get(f"{page}{run.pk}/").json()["recall"]
    found = progress_document(search)["finding"]
    assert recall == {name: found[name] for name in recall}
    assert (recall["found"], recall["read"], recall["unread"]) == (3, 15, 5)
    exporting.run_export(exporting.create_export(train_model(search), lead, "csv").pk)
    assert api_of(lead).get(page).json()["results"][0]["recall"] is None


def test_a_long_curve_is_thinned_out():
    points = curve_of_finds(np.arange(10_000) % 100 == 0)
    assert len(points) <= MAX_FINDS_POINTS
    assert (points[0], points[-1]) == ({"read": 0, "found": 0}, {"read": 10_000, "found": 100})
