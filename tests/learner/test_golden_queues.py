"""What people are asked stays as it is: the queues of a small pool of each task type, by many strategies."""

import json

import pytest

from tests.learner import golden_queues

KEPT = json.loads(golden_queues.FILE.read_text(encoding="utf-8"))
TRIED = [(task, name) for task, (estimators, _) in golden_queues.TRIED.items() for name in estimators]


@pytest.mark.parametrize(("task", "estimator"), TRIED)
def test_the_queue_is_as_it_was(task, estimator, tmp_path):
    kept, found = KEPT[f"{task} {estimator}"], golden_queues.queues(task, estimator, tmp_path)
    assert found["queues"].keys() == kept["queues"].keys()
    for strategy, queue in found["queues"].items():
        same(queue, kept["queues"][strategy], strategy)
    same({key: value for key, value in found.items() if key != "queues"}, kept, "predictions")


def same(found, kept, what):
    for key, value in found.items():
        if key in ("rows", "reasons") or key.endswith("predictions"):
            assert value == kept[key], (what, key)
        else:
            assert near(value, kept[key]), (what, key, value, kept[key])


def near(value, kept):
    """Whether numbers, lists of numbers or None are the same but for how another processor rounds."""
    if isinstance(kept, list):
        return len(value) == len(kept) and all(map(near, value, kept))
    return value is kept if kept is None else value == pytest.approx(kept, rel=1e-4, abs=1e-6)
