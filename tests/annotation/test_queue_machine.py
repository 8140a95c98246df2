"""Any sequence of leases, answers, skips, undos, expiries and publishes keeps the queue's promises."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from annotation.errors import Conflict
from annotation.models import Annotation, Assignment, Item, Label, Membership, Outcome, Project, Reason, User
from annotation.queue import answering, leasing, publishing, undoing
from annotation.queue.answering import Answer
from annotation.queue.publishing import Ranked
from tests.scale import scaled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

PEOPLE, ITEMS = 3, 8
people = st.integers(0, PEOPLE - 1)


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        name = uuid4().hex
        self.project = Project.objects.create(name=name, task_type="text_classification", seed=1)
        Label.objects.create(project=self.project, name="ham", key="1")
        self.people = [User.objects.create(username=f"{name}-{n}") for n in range(PEOPLE)]
        Membership.objects.bulk_create([Membership(project=self.project, user=user) for user in self.people])
        self.items = Item.objects.bulk_create(
            [
                Item(project=self.project, position=n, content={"text": str(n)}, content_hash=f"{n}")
                for n in range(ITEMS)
            ]
        )
        self.project.item_count = ITEMS
        self.project.save()
        self.late = False  # whether somebody answered after his lease had run out

    @rule(who=people, n=st.integers(1, 4))
    def lease(self, who: int, n: int) -> None:
        rows = leasing.lease(self.project, self.people[who], n)
        assert len(rows) <= n
        assert all(row.user_id == self.people[who].pk and not row.answered for row in rows)

    @rule(who=people, outcome=st.sampled_from(["label", "label", "skip", "flag"]), twice=st.booleans())
    def answer_what_is_in_hand(self, who: int, outcome: str, twice: bool) -> None:
        row = Assignment.objects.leased().filter(project=self.project, user=self.people[who]).first()
        if row is not None:
            answer = Answer(uuid4(), row.item_id, outcome, {"labels": ["ham"]})
            for _ in range(1 + twice):
                answering.submit_answers(self.project, self.people[who], [answer])

    @rule(who=people)
    def undo_the_last(self, who: int) -> None:
        row = Annotation.objects.filter(project=self.project, user=self.people[who]).exclude(outcome="undo").last()
        if row is not None:
            try:
                undoing.undo_answer(row, self.people[who])
            except Conflict:
                assert Annotation.objects.filter(supersedes=row).exclude(outcome="undo").exists()

    @rule()
    def all_leases_expire(self) -> None:
        held = Assignment.objects.filter(project=self.project, answered=False)
        held.update(expires_at=timezone.now() - timedelta(seconds=1))

    @rule(order=st.permutations(range(ITEMS)), n=st.integers(0, ITEMS))
    def publish(self, order: list[int], n: int) -> None:
        publishing.publish_queue(self.project, [Ranked(self.items[i].pk, Reason.UNCERTAIN) for i in order[:n]], 1)

    @invariant()
    def nobody_shares_an_item(self) -> None:
        labels = Annotation.objects.answers().filter(project=self.project)
        assert max(Counter(labels.values_list("item", flat=True)).values(), default=1) == 1
        holders = Assignment.objects.taken().filter(project=self.project)
        assert max(Counter(holders.values_list("item", flat=True)).values(), default=1) == 1

    @invariant()
    def counts_are_true(self) -> None:
        labels = Counter(Annotation.objects.answers().filter(project=self.project).values_list("item", flat=True))
        for pk, answers in Item.objects.filter(project=self.project).values_list("pk", "answers"):
            assert answers == labels[pk]

    @invariant()
    def one_live_row_a_chain(self) -> None:
        rows = Annotation.objects.filter(project=self.project)
        superseded = set(rows.exclude(supersedes=None).values_list("supersedes", flat=True))
        for row in rows:
            assert row.live == (row.pk not in superseded and row.outcome != Outcome.UNDO)


def test_any_sequence_of_events_keeps_the_promises():
    with transaction.atomic():
        pass  # the connection is open before the machine runs
    run_state_machine_as_test(
        QueueMachine,
        settings=settings(
            max_examples=scaled(25), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
