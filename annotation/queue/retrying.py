"""Run a transaction again when a concurrent one was first."""

import logging
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, transaction

from annotation.database.conflicts import is_conflict

logger = logging.getLogger(__name__)

MAX_RETRIES = 5  # how often a statement that lost a race is tried again
LOCK_PAUSE_SECONDS = 0.02  # at most, before the first new try; twice as long before each further one
P = ParamSpec("P")
R = TypeVar("R")


def retry_on_conflict(function: Callable[P, R]) -> Callable[P, R]:
    """Run a transaction again when a concurrent one won a unique key or a lock."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function in a transaction of its own, again while it loses to a concurrent one."""
        for attempt in range(MAX_RETRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as error:
                last = attempt == MAX_RETRIES - 1
                if last or transaction.get_connection().in_atomic_block or not is_conflict(error):
                    raise
                logger.info("%s lost a race, trying again: %s", function.__name__, error)
                if not isinstance(error, IntegrityError):
                    # without a pause it could take the lock again before the other transaction wakes up
                    time.sleep(random.uniform(0.5, 1) * LOCK_PAUSE_SECONDS * 2**attempt)
        raise AssertionError("unreachable")

    return run
