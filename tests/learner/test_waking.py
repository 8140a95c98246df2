"""One message a project, and one a batch: who sends it, and what happens when messages, keys or workers are lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from annotation import broker
from annotation.models import Item, Project, User
from learner import receivers, tasks
from learner.models import Round
from learner.rounds import running, waking
from learner.rounds.scheduling import request_round

pytestmark = pytest.mark.django_db

Sent = list[tuple[Any, ...]]
BATCH = 10


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Messages: (task, project)."""
    messages: Sent = []
    monkeypatch.setattr(
        waking,
        "send_message",
        lambda task, *args, **named: messages.append((task.rsplit(".", 1)[1], *args, *named.items())),
    )
    return messages


@pytest.fixture
def trained(project: Project, messages: list[Item], sent: Sent) -> Project:
    """A project with a queue, batches of ten, and nothing sent since."""
    project.settings = {**project.settings, "batch_size": BATCH}
    project.save()
    running.run_due_rounds(project.pk)
    sent.clear()
    return project


def test_a_batch_sends_one_message_however_it_comes(
    trained: Project, annotator: User, label: Callable[..., int], sent: Sent, django_capture_on_commit_callbacks: Any
) -> None:
    for answers, messages in [(3, 0), (6, 0), (1, 1), (5, 1), (1, 1)]:
        with django_capture_on_commit_callbacks(execute=True):
            label(trained, annotator, answers)
        assert len(sent) == messages
    assert sent == [("run_rounds", trained.pk)]


def test_answers_that_the_round_has_not_seen_count_for_the_next(
    trained: Project, annotator: User, label: Callable[..., int], sent: Sent
) -> None:
    label(trained, annotator, BATCH - 3)
    running.run_due_rounds(trained.pk)  # nothing is due
    waking.count_down_answers(trained.pk, 2)
    assert sent == []
    waking.count_down_answers(trained.pk, 1)
    assert sent == [("run_rounds", trained.pk)]


def test_an_answer_between_two_looks_is_not_lost(trained: Project, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes after the worker has counted and before it has written how many are missing."""
    look = running.outlook_of_project

    def outlook(pk: int) -> object:
        found = look(pk)
        waking.count_down_answers(pk, 1)
        return found

    monkeypatch.setattr(running, "outlook_of_project", outlook)
    running.run_due_rounds(trained.pk)
    assert sent == [("run_rounds", trained.pk)]


def test_while_a_round_runs_answers_send_nothing(trained: Project, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(current: Round) -> bool:
        waking.count_down_answers(trained.pk, 50)
        assert sent == []
        running.run_due_rounds(trained.pk)  # another message that came meanwhile
        waking.count_down_answers(trained.pk, 50)
        assert sent == []
        return False

    monkeypatch.setattr(running, "execute_round", execute)
    request_round(trained)
    assert running.run_due_rounds(trained.pk) == 1


def test_a_message_waits_only_once_until_a_worker_begins(project: Project, sent: Sent) -> None:
    for _ in range(50):
        waking.wake_worker(project.pk, "build_features", done=False)
    assert sent == [("build_features", project.pk, ("done", False))]
    waking.wake_worker(project.pk, "build_features", done=True)  # another one: it does more
    assert len(sent) == 2
    tasks.build_features(project.pk, done=False)
    waking.wake_worker(project.pk, "build_features", done=False)
    assert len(sent) == 3


def test_a_worker_that_starts_lets_lost_messages_be_sent_again(project: Project, sent: Sent) -> None:
    waking.wake_worker(project.pk)
    waking.wake_worker(project.pk)
    assert len(sent) == 1
    tasks.forget_messages()
    waking.wake_worker(project.pk)
    assert len(sent) == 2


def test_without_a_broker_rounds_run_as_ever(
    project: Project, messages: list[Item], settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(broker, "BREAKER", broker.Breaker())
    assert running.run_due_rounds(project.pk) == 1


def test_answers_are_counted_beside_the_request(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[tuple[object, Callable[[], object], float]] = []
    counted: list[tuple[int, int]] = []
    monkeypatch.setattr(
        receivers.OUTBOX.__class__,
        "post",
        lambda _, key, send, delay_seconds=0.0: posted.append((key, send, delay_seconds)),
    )
    monkeypatch.setattr(receivers, "count_down_answers", lambda *arguments: counted.append(arguments))
    for count in (1, 4):
        receivers.on_answers_committed(None, project_id=project.pk, count=count)
    assert [(key, delay) for key, _, delay in posted] == [(("answers", project.pk), receivers.LINGER_SECONDS)] * 2
    for _, send, _ in posted:
        send()
    assert counted == [(project.pk, 5)]
