"""Run a transaction again when a concurrent one was first."""

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, transaction

logger = logging.getLogger(__name__)


MAX_RETRIES = 5  # how often a statement that lost a race is tried again
P = ParamSpec("P")
R = TypeVar("R")


def retry_on_conflict(function: Callable[P, R]) -> Callable[P, R]:
    """Run a transaction again when a concurrent one won a unique key or a deadlock was broken."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(MAX_RETRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except (IntegrityError, OperationalError) as error:
                if attempt == MAX_RETRIES - 1 or transaction.get_connection().in_atomic_block:
                    raise
                logger.info("%s lost a race, trying again: %s", function.__name__, error)
        raise AssertionError("unreachable")

    return run
