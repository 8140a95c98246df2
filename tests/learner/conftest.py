"""Small projects that a model can learn something about."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from annotation.models import Item, Project, User
from annotation.queue import answering, leasing
from annotation.queue.answering import Answer
from learner.engine.features.encoders import encoding
from learner.rounds import feature_matrices, publishing

SPAMMY = ["win a free prize now", "cheap loans call today", "claim your cash reward", "urgent winner text back"]
HAMMY = ["see you at lunch", "running late sorry", "can you pick up milk", "how was your day"]


def truth(item: Item) -> str:
    return "spam" if item.content["text"].rsplit(" ", 1)[0] in SPAMMY else "ham"


@pytest.fixture
def messages(project: Project, make_items: Callable[..., list[Item]]) -> list[Item]:
    """120 messages, a third of them spam."""
    texts = [f"{(SPAMMY if n % 3 == 0 else HAMMY)[n % 4]} {n}" for n in range(120)]
    return make_items(project, texts)


@pytest.fixture
def label() -> Callable[[Project, User, int], int]:
    """Return a function (project, user, n): answer the next n items truly; returns how many there were."""

    def run(project: Project, user: User, n: int) -> int:
        rows = leasing.lease(project, user, n)
        answering.submit_answers(
            project, user, [Answer(uuid4(), row.item_id, "label", {"labels": [truth(row.item)]}) for row in rows]
        )
        return len(rows)

    return run


@pytest.fixture
def nothing_loaded() -> Iterator[None]:
    """No network of an encoder is left from, or to, another test."""
    encoding.load_encoder.cache_clear()
    yield
    encoding.load_encoder.cache_clear()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were sent instead of being run."""
    sent: list[str] = []
    for module in (feature_matrices, publishing):
        monkeypatch.setattr(module, "wake_worker", lambda _, task="run_rounds", **__: sent.append(task))
    return sent
