"""Numbers are computed at the lowest priority; the worker keeps its own."""

import os
import threading

import pytest

from learner.engine.arrays.low_priority import LOWEST, aside


def test_what_is_returned_or_raised_comes_through() -> None:
    assert aside(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        aside(divmod, 7, 0)


def test_only_the_computation_steps_back() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    inside = aside(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert (inside, os.getpriority(os.PRIO_PROCESS, 0)) == (LOWEST, before)
