"""Rows into arrays: what may train, what measures, what may be ranked."""

from uuid import uuid4

import numpy as np
import pytest

from annotation.models import Annotation, Item, Split, User
from annotation.projects.projects import update_project
from annotation.queue import answering, leasing, publishing, undoing
from annotation.queue.answering import Answer
from annotation.queue.publishing import Ranked
from learner.engine.contracts.iteration import RankedItem
from learner.engine.loop.fixed_orders import CONTROL_SALT, fixed_random_keys
from learner.engine.query_strategies import STRATEGIES
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import LoopOptions
from learner.models import LearnerState
from learner.rounds import item_contents, queue_entries, round_settings, test_sample, training_data
from tests.annotation.answers import proof_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def answer(project, user, item, label="ham", outcome="label"):
    stored = Annotation.objects.live().filter(item=item, user=user).first()
    proof = proof_of(project, user, item.pk)
    answer = Answer(uuid4(), item.pk, outcome, {"labels": [label]}, assignment=proof, replaces=stored and stored.uuid)
    return answering.submit_answers(project, user, [answer]).created[0]


def seen(project):
    return training_data.settled_answers(project, training_data.take_snapshot(project).answers_upto)


def given(project, features=None, moment=None):
    moment = moment or training_data.take_snapshot(project)
    features = np.zeros((moment.items, 2), dtype=np.float32) if features is None else features
    return training_data.build_iteration_input(
        project, moment, features, training_data.settled_answers(project, moment.answers_upto), seed=1, number=1
    )


def test_answers_are_positions_and_labels(project, annotator, make_items):
    items = make_items(project, 5)
    answer(project, annotator, items[3], "spam")
    answer(project, annotator, items[1], "ham")
    found = seen(project)
    assert found.positions.tolist() == [1, 3]
    assert found.labels.tolist() == ["ham", "spam"]


def test_people_who_disagree_train_nobody_until_a_majority_settles_it(project, annotator, reviewer, lead, make_items):
    item = make_items(project, 1)[0]
    answer(project, annotator, item, "ham")
    answer(project, reviewer, item, "spam")
    assert seen(project).positions.tolist() == []
    answer(project, lead, item, "spam")
    assert seen(project).labels.tolist() == ["spam"]


def test_what_was_taken_back_is_not_seen(project, annotator, make_items):
    row = answer(project, annotator, make_items(project, 1)[0])
    undoing.undo_answer(row, annotator)
    assert seen(project).positions.tolist() == []


def test_an_earlier_moment_can_be_seen_again(project, annotator, make_items):
    items = make_items(project, 3)
    first = answer(project, annotator, items[0], "ham")
    moment = training_data.take_snapshot(project)
    answer(project, annotator, items[0], "spam")
    answer(project, annotator, items[1], "spam")
    then = training_data.settled_answers(project, moment.answers_upto)
    assert (then.positions.tolist(), then.labels.tolist()) == ([0], ["ham"])
    assert Annotation.objects.get(pk=first.pk).live is False
    assert given(project, moment=moment).available.tolist() == [False, True, True]


def test_only_untouched_pool_items_may_be_ranked(project, annotator, reviewer, lead, make_items):
    items = make_items(project, 7)
    Item.objects.filter(pk=items[0].pk).update(split=Split.TEST)
    answer(project, annotator, items[1])
    answer(project, annotator, items[2], outcome="flag")
    publishing.publish_queue(project, [Ranked(items[3].pk, "cold")], None)
    leasing.lease(project, annotator, 1)
    answer(project, annotator, items[4], outcome="skip")
    for user in (annotator, reviewer, lead):
        answer(project, user, items[5], outcome="skip")
    inp = given(project)
    # 4 was skipped by one of three people: the others may still answer it
    assert np.flatnonzero(inp.available).tolist() == [4, 6]
    assert inp.open_test_rows.tolist() == [0]
    assert inp.random_rows.tolist()
    assert set(inp.random_rows.tolist()) == {4, 6}


def test_test_answers_never_train(project, annotator, make_items):
    items = make_items(project, 4)
    Item.objects.filter(pk=items[0].pk).update(split=Split.TEST)
    for item in items[:2]:
        answer(project, annotator, item)
    inp = given(project)
    assert inp.train_rows.tolist() == [1]
    assert (inp.test_rows.tolist(), inp.open_test_rows.tolist()) == ([0], [])


def test_the_control_arm_is_every_label_up_to_the_last_place_it_served(project, annotator, make_items):
    items = make_items(project, 30)
    order = np.argsort(fixed_random_keys(project.seed, CONTROL_SALT, np.arange(30))).tolist()
    publishing.publish_queue(project, [Ranked(items[order[n]].pk, "random") for n in (0, 1, 2, 4)], 1)
    leasing.lease(project, annotator, 4)
    for place in (0, 1, 2, 3, 4, 20):  # 3 and 20 come from elsewhere
        answer(project, annotator, items[order[place]])
    assert sorted(given(project).control_rows.tolist()) == sorted(order[:5])


def test_random_items_of_a_dry_queue_do_not_move_the_control_arm(project, annotator, make_items):
    make_items(project, 10)
    for row in leasing.lease(project, annotator, 5):
        answer(project, annotator, row.item)
    assert given(project).control_rows.tolist() == []


def test_the_test_sample_is_frozen_once_and_grows_with_the_data(project, annotator, make_items):
    project.settings = {"test_size": 10}
    project.save()
    items = make_items(project, 100)
    test_sample.freeze_test_sample(project)
    sample = set(Item.objects.filter(split=Split.TEST).values_list("pk", flat=True))
    assert len(sample) == 10
    test_sample.freeze_test_sample(project)
    assert set(Item.objects.filter(split=Split.TEST).values_list("pk", flat=True)) == sample
    answer(project, annotator, next(item for item in items if item.pk in sample))
    make_items(project, [f"more {n}" for n in range(100)])
    test_sample.freeze_test_sample(project)
    grown = set(Item.objects.filter(split=Split.TEST).values_list("pk", flat=True))
    assert sample < grown
    assert len(grown) == 20
    assert LearnerState.objects.get(project=project).test_frozen_items == 200


def test_items_that_people_answered_before_are_not_drawn_into_the_test_sample(project, annotator, make_items):
    items = make_items(project, 50)
    for item in items[:25]:
        answer(project, annotator, item)
    test_sample.freeze_test_sample(project)
    drawn = Item.objects.filter(split=Split.TEST).values_list("position", flat=True)
    assert len(drawn) == 10
    assert min(drawn) >= 25


def test_uploaded_labels_may_measure(project, make_items):
    machine = User.objects.create(username="imported", is_machine=True, is_active=False)
    for item in make_items(project, 10):
        Annotation.objects.create(
            project=project, item=item, user=machine, outcome="label", value={"labels": ["ham"]}, reason="imported"
        )
        Item.objects.filter(pk=item.pk).update(answers=1)
    test_sample.freeze_test_sample(project)
    assert Item.objects.filter(split=Split.TEST).count() == 2
    assert len(given(project).train_rows) == 8


def test_contents_come_in_the_order_of_positions(project, make_items, monkeypatch):
    monkeypatch.setattr(item_contents, "CHUNK_ROWS", 3)
    make_items(project, 8)
    chunks = list(item_contents.content_chunks(project, 1, 8))
    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    assert [text for chunk in chunks for text in chunk] == [f"text number {n}" for n in range(1, 8)]


def test_choices_become_entries_with_suggestions_in_the_form_of_the_task_type(project, make_items):
    items = make_items(project, 3)
    entry = queue_entries.queue_entries_of_choices(project, [RankedItem(2, "uncertain", 0.1, 0.2, "spam", 0.55)])[0]
    assert entry == Ranked(items[2].pk, "uncertain", 0.1, 0.2, {"labels": ["spam"]}, 0.55)


def test_the_likeliest_labels_go_along_where_there_are_more_labels_than_digits(project, make_items):
    make_items(project, 1)
    choice = RankedItem(
        0, "uncertain", label="l7", label_score=0.5, top_labels=(("l7", 0.5), ("retired", 0.3), ("l2", 0.12345))
    )
    update_project(project, labels=[{"name": f"l{n}"} for n in range(10)])
    assert queue_entries.queue_entries_of_choices(project, [choice])[0].label_scores is None
    many = update_project(project, labels=[{"name": f"l{n}"} for n in range(11)])
    entry = queue_entries.queue_entries_of_choices(many, [choice, RankedItem(0, "cold")])
    assert entry[0].label_scores == [{"label": "l7", "score": 0.5}, {"label": "l2", "score": 0.1235}]  # JSON numbers
    assert entry[1].label_scores is None


def test_items_that_want_a_second_opinion_come_first(project, annotator, make_items):
    project.settings = {"overlap": 2}
    project.save()
    items = make_items(project, 3)
    answer(project, annotator, items[1])
    entries = queue_entries.queue_entries_of_choices(project, [RankedItem(0, "cold")])
    assert [(entry.item, entry.reason) for entry in entries] == [(items[1].pk, "overlap"), (items[0].pk, "cold")]


def test_reading_costs_a_fixed_number_of_queries(project, annotator, make_items, django_assert_num_queries):
    for item in make_items(project, 20)[:10]:
        answer(project, annotator, item)
    # items, last annotation, in hand; answers; test rows, closed, people, skipped; what the last model chose
    with django_assert_num_queries(9):
        given(project)


def test_settings_reach_the_strategies(project):
    project.settings = {"strategy": "mixture", "spread_share": 0.25, "target_label": "ham"}
    chosen = round_settings.settings_from_project(project)
    assert chosen.mixture_shares == {"margin": 0.75, "spread": 0.25}
    assert chosen.target_label == "ham"
    project.settings = {}
    assert round_settings.settings_from_project(project).target_label is None
    assert round_settings.settings_from_project(project).mixture_shares == {}


def test_every_strategy_can_be_set():
    assert set(LoopOptions.settings["strategy"].choices) == set(STRATEGIES)
    about_users = {name for name in TASK_PROFILES if "new_users" in LoopOptions.settings["strategy"].choices_for(name)}
    assert about_users == {"ratings"}


def test_the_queue_is_deep_enough_for_all_who_may_begin_at_once(project) -> None:
    assert round_settings.settings_from_project(project).depth == 200
    project.settings = {"batch_size": 500}
    people = project.memberships.people().count()
    assert round_settings.settings_from_project(project).depth == 1000 + 10 * people
    project.settings = {"batch_size": 5000}
    assert round_settings.settings_from_project(project).depth == 5000


def test_a_detector_is_compared_on_few_pictures(project, make_items):
    make_items(project, 300)
    seen, features = training_data.settled_answers(project, 0), np.zeros((300, 2), np.float32)

    def stop_rows():
        return training_data.build_iteration_input(
            project, training_data.take_snapshot(project), features, seen, seed=1, number=1
        ).stop_set_rows

    all_of_them = stop_rows()
    project.task_type = "boxes"
    assert len(all_of_them) == 300
    assert stop_rows().tolist() == all_of_them[: TASK_PROFILES["boxes"].answers.stop_set_size].tolist()
