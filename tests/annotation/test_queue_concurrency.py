"""Thirty-two people at once: no item to two of them, no answer lost. Real threads, real transactions."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from annotation.models import Annotation, Assignment, Item, Label, Membership, Project, Reason, User
from annotation.queue import answering, leasing, publishing
from annotation.queue.answering import Answer
from annotation.queue.publishing import Ranked
from tests.annotation.answers import proof_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

PEOPLE, ITEMS = 32, 400


@pytest.fixture
def crowd(make_items):
    project = Project.objects.create(name="crowd", task_type="text_classification", seed=1)
    Label.objects.create(project=project, name="ham", key="1")
    people = User.objects.bulk_create([User(username=f"person{n}") for n in range(PEOPLE)])
    Membership.objects.bulk_create([Membership(project=project, user=user) for user in people])
    return project, people, make_items(project, ITEMS)


def at_once(work, people) -> list:
    """Run work(person) in a thread for each person, all starting together; return what they return."""
    start = threading.Barrier(len(people))

    def run(person):
        try:
            start.wait()
            return work(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))


def label_until_empty(project, user, sent: list) -> int:
    """Label as a browser does: a few in hand, answers in small groups, some sent twice."""
    rng = random.Random(user.pk)
    count = 0
    while rows := leasing.lease(project, user, rng.choice([1, 3, 10])):
        some = rows[: rng.randint(1, len(rows))]
        answers = [Answer(uuid4(), row.item_id, "label", {"labels": ["ham"]}) for row in some]
        for _ in range(rng.choice([1, 1, 2])):
            answering.submit_answers(project, user, answers)
        sent.extend(answer.uuid for answer in answers)
        count += len(answers)
    return count


@pytest.mark.parametrize("ranked", [True, False], ids=["ranked", "random"])
def test_no_item_to_two_people_and_no_answer_lost(crowd, ranked):
    project, people, items = crowd
    if ranked:
        publishing.publish_queue(project, [Ranked(item.pk, Reason.UNCERTAIN) for item in items], 1)
    sent: list = []
    at_once(lambda user: label_until_empty(project, user, sent), people)
    stored = Annotation.objects.values_list("uuid", "item")
    assert {uuid for uuid, _ in stored} == set(sent)
    assert Counter(item for _, item in stored) == Counter(item.pk for item in items)
    assert set(Item.objects.values_list("answers", flat=True)) == {1}


def test_publishing_in_between_hands_nothing_out_twice(crowd):
    project, people, items = crowd
    stop = threading.Event()

    def republish() -> None:
        rng = random.Random(0)
        number = 1
        while not stop.is_set():
            order = rng.sample(items, 100)
            publishing.publish_queue(project, [Ranked(item.pk, Reason.UNCERTAIN) for item in order], number)
            number += 1
            stop.wait(0.02)
        connection.close()

    publisher = threading.Thread(target=republish)
    publisher.start()
    try:
        sent: list = []
        at_once(lambda user: label_until_empty(project, user, sent), people)
    finally:
        stop.set()
        publisher.join()
    assert Counter(Annotation.objects.values_list("item", flat=True)) == Counter(item.pk for item in items)


def test_the_same_answer_sent_at_once_by_many_tabs_counts_once(crowd):
    project, people, items = crowd
    proof = proof_of(project, people[0], items[0].pk)
    answer = Answer(uuid4(), items[0].pk, "label", {"labels": ["ham"]}, assignment=proof)
    at_once(lambda _: answering.submit_answers(project, people[0], [answer]), people[:8])
    assert Annotation.objects.count() == 1
    assert Item.objects.get(pk=items[0].pk).answers == 1


def test_with_overlap_two_each_item_gets_two_people(crowd):
    project, people, items = crowd
    project.settings = {"overlap": 2}
    project.save()
    publishing.publish_queue(project, [Ranked(item.pk, Reason.UNCERTAIN) for item in items], 1)
    at_once(lambda user: label_until_empty(project, user, []), people[:8])
    assert set(Item.objects.values_list("answers", flat=True)) == {2}
    pairs = Counter(Assignment.objects.values_list("item", "slot"))
    assert set(pairs.values()) == {1}
