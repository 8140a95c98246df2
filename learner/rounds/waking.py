"""Wake a worker for a project: one message a project waits at a time, and answers send one when a batch is full.

Two keys a project in Redis, both of which may be lost at any time:

    wake:<task>:<project>      there while a message waits that no worker has begun
    answers-left:<project>     how many answers are missing until a round is due; the last of them sends a message

A worker that begins deletes both before it looks into the database, and after it has looked it writes how many are
missing, unless an answer came in between. So an answer is either seen by that look or sends a message of its own.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.conf import settings

from annotation.broker import BROKER_ERRORS, broker_client, broker_key, send_message
from annotation.outbox import OUTBOX

PENDING_SECONDS = 20  # after which a message that no worker began counts as lost
FORGET_SECONDS = 3600  # after which a project nobody labels any more leaves nothing behind
MUTED = 1_000_000_000  # answers left, where the end of what runs wakes the worker anyway


def wake_worker(project_pk: int, task: str = "run_rounds", **arguments: bool) -> None:
    """Have a worker look at the project; where no broker answers, the sweep will find it."""
    OUTBOX.post(
        ("wake", task, project_pk, *sorted(arguments.items())),
        partial(_send_unless_pending, project_pk, task, **arguments),
    )


def resume_sharded_round(round_pk: int, worker: str) -> None:
    """Have a worker finish a sharded round; `worker` is the one who had it."""
    OUTBOX.post(("resume", round_pk), partial(send_message, "learner.tasks.go_on", round_pk, worker))


def count_down_answers(project_pk: int, answers: int) -> None:
    """Count answers that were given or taken back; wake a worker once a round may be due. Raises BROKER_ERRORS."""
    if broker_client().decrby(_answers_left_key(project_pk), answers) <= 0:
        _send_unless_pending(project_pk, "run_rounds")


def clear_pending_message(project_pk: int, task: str, **arguments: bool) -> None:
    """Take the message away that woke this worker: whoever wants another look from now on sends one."""
    _ignore_broker_errors(lambda: broker_client().delete(_pending_key(project_pk, task, **arguments)))


def wake_at_next_answer(project_pk: int) -> None:
    """Let the next answer send a message, before this worker looks whether a round is due."""
    _ignore_broker_errors(
        lambda: broker_client().delete(_pending_key(project_pk, "run_rounds"), _answers_left_key(project_pk))
    )


def wake_after_answers(project_pk: int, answers: int) -> None:
    """Let answers send no message until so many have come; no effect when one came since `wake_at_next_answer`."""
    _ignore_broker_errors(
        lambda: broker_client().set(_answers_left_key(project_pk), answers, nx=True, ex=FORGET_SECONDS)
    )


def mute_answers(project_pk: int) -> None:
    """Let answers send no message while a round runs, or something else whose end wakes a worker."""
    _ignore_broker_errors(
        lambda: broker_client().set(_answers_left_key(project_pk), MUTED, px=int(1000 * settings.STALE_SECONDS))
    )


def clear_all_pending_messages() -> None:
    """Let every project send again: a worker has started, and messages may have been lost with the one before it."""
    _ignore_broker_errors(
        lambda: [broker_client().delete(key) for key in broker_client().scan_iter(broker_key("wake", "*"))]
    )


def _send_unless_pending(project_pk: int, task: str, **arguments: bool) -> None:
    if broker_client().set(_pending_key(project_pk, task, **arguments), 1, nx=True, ex=PENDING_SECONDS):
        send_message(f"learner.tasks.{task}", project_pk, **arguments)


def _pending_key(project_pk: int, task: str, **arguments: bool) -> str:
    return broker_key("wake", task, project_pk, *(f"{name}={value}" for name, value in sorted(arguments.items())))


def _answers_left_key(project_pk: int) -> str:
    return broker_key("answers-left", project_pk)


def _ignore_broker_errors(call: Callable[[], object]) -> None:
    """Where the broker is away a key stays as it is: a message more, or the sweep's."""
    with suppress(*BROKER_ERRORS):
        call()
