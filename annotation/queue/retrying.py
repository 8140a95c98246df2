"""Run a transaction again when a concurrent one was first."""

import logging
import sqlite3
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, transaction

logger = logging.getLogger(__name__)

MAX_RETRIES = 5  # how often a statement that lost a race is tried again
LOST_RACES = {"40001", "40P01", "55P03"}  # SQLSTATE: serialization failure, deadlock, lock not available
LOCKED_ERRORS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
PRIMARY_CODE = 0xFF  # the bits of SQLite's error codes without their details
P = ParamSpec("P")
R = TypeVar("R")


def is_conflict(error: DatabaseError) -> bool:
    """Whether a concurrent transaction was first. A connection that broke, or a full disk, is no such thing."""
    if isinstance(error, IntegrityError):
        return True
    cause = error.__cause__  # what the driver raised
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE in LOCKED_ERRORS
    return getattr(cause, "sqlstate", None) in LOST_RACES


def retry_on_conflict(function: Callable[P, R]) -> Callable[P, R]:
    """Run a transaction again when a concurrent one won a unique key or a lock."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(MAX_RETRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except DatabaseError as error:
                tried_enough = attempt == MAX_RETRIES - 1 or transaction.get_connection().in_atomic_block
                if tried_enough or not is_conflict(error):
                    raise
                logger.info("%s lost a race, trying again: %s", function.__name__, error)
        raise AssertionError("unreachable")

    return run
