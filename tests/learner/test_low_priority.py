"""Numbers are computed at the lowest priority; the worker keeps its own."""

import os
import threading

import pytest

from learner.engine.arrays.low_priority import LOWEST_PRIORITY, run_at_low_priority


def test_what_is_returned_or_raised_comes_through() -> None:
    assert run_at_low_priority(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        run_at_low_priority(divmod, 7, 0)


def test_only_the_computation_has_it() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    inside = run_at_low_priority(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert (inside, os.getpriority(os.PRIO_PROCESS, 0)) == (LOWEST_PRIORITY, before)
