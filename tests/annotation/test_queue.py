"""Lease, submit, undo, publish: what each promises, on whatever database the run uses."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from annotation.errors import Conflict, InvalidRequest, InvalidValue
from annotation.models import Annotation, Assignment, Item, Outcome, QueueEntry, Reason
from annotation.queue import answering, leasing, publishing, undoing
from annotation.queue.answering import Answer
from annotation.queue.assignment_proof import sign_assignment
from annotation.queue.publishing import Ranked

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HAM, SPAM = {"labels": ["ham"]}, {"labels": ["spam"]}


def say(item: int, value=HAM, outcome="label", uuid: UUID | None = None, **more) -> Answer:
    return Answer(uuid=uuid or uuid4(), item=item, outcome=outcome, value=value, **more)


def held(rows) -> list[int]:
    return [row.item_id for row in rows]


@pytest.fixture
def items(project, make_items):
    return make_items(project, 12)


@pytest.fixture
def ranking(project, items):
    """The queue: items 5, 4, ..., 0, chosen by round 3 as uncertain."""
    order = [items[n] for n in (5, 4, 3, 2, 1, 0)]
    ranked = [Ranked(i.pk, Reason.UNCERTAIN, score=0.5, probability=0.1, suggestion=SPAM) for i in order]
    publishing.publish_queue(project, ranked, 3)
    return [item.pk for item in order]


def test_hands_out_from_the_top_of_the_queue(project, annotator, ranking):
    assert held(leasing.lease(project, annotator, 3)) == ranking[:3]


def test_the_same_person_gets_the_same_items_again_after_a_reload(project, annotator, ranking):
    first = held(leasing.lease(project, annotator, 3))
    assert held(leasing.lease(project, annotator, 3)) == first
    assert held(leasing.lease(project, annotator, 5)) == ranking[:5]


def test_two_people_never_get_the_same_item(project, annotator, reviewer, ranking):
    mine, theirs = leasing.lease(project, annotator, 3), leasing.lease(project, reviewer, 3)
    assert held(mine) + held(theirs) == ranking


def test_an_expired_lease_goes_to_the_next_person(project, annotator, reviewer, ranking):
    leasing.lease(project, annotator, 3)
    Assignment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert held(leasing.lease(project, reviewer, 2)) == ranking[:2]


def test_activity_renews_the_lease(project, annotator, ranking):
    rows = leasing.lease(project, annotator, 2)
    Assignment.objects.update(expires_at=timezone.now() + timedelta(seconds=1))
    answering.submit_answers(project, annotator, [say(rows[0].item_id)])
    assert Assignment.objects.get(item=rows[1].item_id).expires_at > timezone.now() + timedelta(minutes=10)


def test_without_a_queue_open_items_come_at_random(project, annotator, items):
    rows = leasing.lease(project, annotator, 12)
    assert sorted(held(rows)) == sorted(item.pk for item in items)
    assert {(row.reason, row.round, row.probability) for row in rows} == {(Reason.RANDOM, None, None)}


def test_without_a_queue_people_share_all_that_is_open(project, annotator, reviewer, lead, make_items):
    items = make_items(project, 40)
    people = [annotator, reviewer, lead]
    given = [held(leasing.lease(project, user, 15)) for user in people]
    assert [len(rows) for rows in given] == [15, 15, 10]
    assert sorted(sum(given, [])) == sorted(item.pk for item in items)  # noqa: RUF017


def test_without_a_queue_every_place_in_the_data_is_as_likely(project, annotator, make_items):
    make_items(project, 400)
    places = []
    for _ in range(60):
        places += [row.item.position for row in leasing.lease(project, annotator, 2)]
        leasing.release_leases(project)
    assert 150 < sum(places) / len(places) < 250


def test_an_empty_project_hands_out_nothing(project, annotator):
    assert leasing.lease(project, annotator, 5) == []


def test_when_all_is_answered_nothing_is_handed_out(project, annotator, reviewer, items):
    answering.submit_answers(project, annotator, [say(row.item_id) for row in leasing.lease(project, annotator, 12)])
    assert leasing.lease(project, reviewer, 5) == []


def test_an_answer_keeps_how_its_item_was_chosen(project, annotator, ranking):
    row = leasing.lease(project, annotator, 1)[0]
    answering.submit_answers(project, annotator, [say(row.item_id, HAM, duration_seconds=1.5, suggestion_shown=True)])
    kept = Annotation.objects.get()
    assert (kept.reason, kept.round, kept.probability, kept.score) == (Reason.UNCERTAIN, 3, 0.1, 0.5)
    assert (kept.suggestion_shown, kept.suggestion_changed, kept.duration_seconds) == (True, True, 1.5)


def test_the_same_uuid_counts_once(project, annotator, ranking):
    answer = say(leasing.lease(project, annotator, 1)[0].item_id)
    assert len(answering.submit_answers(project, annotator, [answer]).created) == 1
    again = answering.submit_answers(project, annotator, [answer])
    assert (len(again.created), len(again.repeated)) == (0, 1)
    assert Item.objects.get(pk=answer.item).answers == 1


def test_somebody_elses_uuid_is_refused(project, annotator, reviewer, ranking):
    answer = say(leasing.lease(project, annotator, 1)[0].item_id)
    answering.submit_answers(project, annotator, [answer])
    with pytest.raises(Conflict):
        answering.submit_answers(project, reviewer, [answer])


def test_a_second_answer_supersedes_the_first(project, annotator, ranking):
    leasing.lease(project, annotator, 1)
    kept = answering.submit_answers(project, annotator, [say(ranking[0], HAM)]).created[0]
    answering.submit_answers(project, annotator, [say(ranking[0], SPAM, replaces=kept.uuid)])
    first, second = Annotation.objects.all()
    assert (first.live, second.live, second.supersedes_id) == (False, True, first.pk)
    assert second.reason == Reason.UNCERTAIN
    assert Item.objects.get(pk=ranking[0]).answers == 1


def test_a_label_that_becomes_a_skip_counts_no_more(project, annotator, ranking):
    leasing.lease(project, annotator, 1)
    kept = answering.submit_answers(project, annotator, [say(ranking[0], HAM)]).created[0]
    answering.submit_answers(project, annotator, [say(ranking[0], None, "skip", replaces=kept.uuid)])
    assert Item.objects.get(pk=ranking[0]).answers == 0


def test_a_skipped_item_goes_to_somebody_else_but_not_back(project, annotator, reviewer, ranking):
    leasing.lease(project, annotator, 1)
    answering.submit_answers(project, annotator, [say(ranking[0], None, "skip")])
    assert ranking[0] not in held(leasing.lease(project, annotator, 12))
    assert held(leasing.lease(project, reviewer, 1)) == [ranking[0]]


def test_a_flagged_item_is_handed_to_nobody(project, annotator, reviewer, ranking):
    leasing.lease(project, annotator, 1)
    answering.submit_answers(project, annotator, [say(ranking[0], None, "flag", comment="two messages in one")])
    assert ranking[0] not in held(leasing.lease(project, reviewer, 12))


def test_a_late_answer_takes_the_item_out_of_other_hands(project, annotator, reviewer, ranking):
    proof = sign_assignment(leasing.lease(project, annotator, 1)[0])
    Assignment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    leasing.lease(project, reviewer, 1)
    answering.submit_answers(project, annotator, [say(ranking[0], assignment=proof)])
    assert held(leasing.lease(project, reviewer, 1)) == [ranking[1]]


def test_undo_gives_the_item_back_with_its_reason(project, annotator, reviewer, ranking):
    leasing.lease(project, annotator, 1)
    kept = answering.submit_answers(project, annotator, [say(ranking[0])]).created[0]
    row = undoing.undo_answer(kept, annotator)
    assert (row.item_id, row.reason, row.round) == (ranking[0], Reason.UNCERTAIN, 3)
    assert Item.objects.get(pk=ranking[0]).answers == 0
    assert ranking[0] not in held(leasing.lease(project, reviewer, 12))
    assert held(leasing.lease(project, annotator, 1)) == [ranking[0]]


def test_undo_twice_changes_nothing(project, annotator, ranking):
    leasing.lease(project, annotator, 1)
    kept = answering.submit_answers(project, annotator, [say(ranking[0])]).created[0]
    undoing.undo_answer(kept, annotator)
    undoing.undo_answer(Annotation.objects.get(pk=kept.pk), annotator)
    assert [row.outcome for row in Annotation.objects.all()] == [Outcome.LABEL, Outcome.UNDO]


def test_undo_of_a_superseded_answer_is_a_conflict(project, annotator, ranking):
    leasing.lease(project, annotator, 1)
    first = answering.submit_answers(project, annotator, [say(ranking[0], HAM)]).created[0]
    answering.submit_answers(project, annotator, [say(ranking[0], SPAM, replaces=first.uuid)])
    with pytest.raises(Conflict):
        undoing.undo_answer(first, annotator)


def test_undo_of_a_skip_hands_the_item_back_unless_it_is_gone(project, annotator, reviewer, ranking):
    leasing.lease(project, annotator, 2)
    first, second = answering.submit_answers(
        project, annotator, [say(ranking[0], None, "skip"), say(ranking[1], None, "skip")]
    ).created
    assert undoing.undo_answer(first, annotator).item_id == ranking[0]
    assert held(leasing.lease(project, reviewer, 1)) == [ranking[1]]
    assert undoing.undo_answer(second, annotator) is None


def test_an_answer_can_be_given_again_after_undo(project, annotator, ranking):
    leasing.lease(project, annotator, 1)
    kept = answering.submit_answers(project, annotator, [say(ranking[0], HAM)]).created[0]
    undoing.undo_answer(kept, annotator)
    answering.submit_answers(project, annotator, [say(ranking[0], SPAM)])
    assert [row.value for row in Annotation.objects.answers()] == [SPAM]


@pytest.mark.parametrize(
    "value",
    [None, {}, {"labels": []}, {"labels": ["ham", "spam"]}, {"labels": ["eggs"]}, {"labels": [1]}, {"labels": "ham"}],
)
def test_a_malformed_answer_is_refused_and_nothing_of_its_list_is_kept(project, annotator, ranking, value):
    with pytest.raises(InvalidValue):
        answering.submit_answers(project, annotator, [say(ranking[0]), say(ranking[1], value)])
    assert not Annotation.objects.exists()


def test_an_item_of_another_project_is_refused(project, annotator, ranking):
    with pytest.raises(InvalidRequest):
        answering.submit_answers(project, annotator, [say(10**9)])


def test_overlap_gives_each_item_to_as_many_people(project, annotator, reviewer, lead, items):
    project.settings = {"overlap": 2}
    project.save()
    publishing.publish_queue(project, [Ranked(item.pk, Reason.UNCERTAIN) for item in items[:3]], 1)
    three = [item.pk for item in items[:3]]
    assert held(leasing.lease(project, annotator, 3)) == three
    assert held(leasing.lease(project, reviewer, 3)) == three
    assert not set(held(leasing.lease(project, lead, 3))) & set(three)


def test_publish_swaps_the_queue_but_leaves_items_in_hand(project, annotator, reviewer, items, ranking):
    mine = held(leasing.lease(project, annotator, 2))
    order = [item.pk for item in items]
    assert publishing.publish_queue(project, [Ranked(pk, Reason.UNCERTAIN) for pk in order], 4) == 10
    assert held(leasing.lease(project, annotator, 2)) == mine
    assert held(leasing.lease(project, reviewer, 1)) == [pk for pk in order if pk not in mine][:1]
    assert set(QueueEntry.objects.values_list("round", flat=True)) == {4}


def test_publish_leaves_out_what_was_answered_meanwhile(project, lead, items):
    answering.submit_answers(project, lead, [say(items[0].pk)])
    assert publishing.publish_queue(project, [Ranked(item.pk, Reason.COLD) for item in items[:2]], 1) == 1


def test_release_gives_back_what_somebody_holds(project, annotator, reviewer, ranking):
    leasing.lease(project, annotator, 3)
    assert leasing.release_leases(project, annotator) == 3
    assert held(leasing.lease(project, reviewer, 3)) == ranking[:3]


def test_an_answer_costs_a_fixed_number_of_queries(project, annotator, ranking, django_assert_max_num_queries):
    leasing.lease(project, annotator, 10)
    # savepoints aside: labels, uuid, item, earlier answer, assignment; insert, count, settle, renew
    with django_assert_max_num_queries(13):
        answering.submit_answers(project, annotator, [say(ranking[0])])
    with django_assert_max_num_queries(13):
        answering.submit_answers(project, annotator, [say(pk) for pk in ranking[1:6]])


def test_leasing_costs_a_fixed_number_of_queries(project, annotator, ranking, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        leasing.lease(project, annotator, 6)
