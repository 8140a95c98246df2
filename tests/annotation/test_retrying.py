"""A lost race is tried again; anything else that goes wrong in the database is raised at once."""

import sqlite3
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError

from annotation.queue.retrying import MAX_RETRIES, is_conflict, retry_on_conflict


def locked(path: Path) -> sqlite3.Error:
    """The error of SQLite when another connection writes."""
    first, second = sqlite3.connect(path), sqlite3.connect(path, timeout=0)
    first.execute("CREATE TABLE t (n)")
    first.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(sqlite3.OperationalError) as caught:
            second.execute("BEGIN IMMEDIATE")
        return caught.value
    finally:
        first.close()
        second.close()


def no_table() -> sqlite3.Error:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("SELECT 1 FROM nowhere")
    connection.close()
    return caught.value


def raised(cause: Exception) -> OperationalError:
    """The error as Django raises it."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def test_only_what_another_transaction_caused_is_a_conflict(tmp_path: Path) -> None:
    assert is_conflict(IntegrityError("UNIQUE constraint failed"))
    for cause in (
        psycopg.errors.SerializationFailure("could not serialize access"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        locked(tmp_path / "t.sqlite3"),
    ):
        assert is_conflict(raised(cause))
    for cause in (
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
        psycopg.errors.DiskFull("could not extend file"),
        no_table(),
    ):
        assert not is_conflict(raised(cause))
    assert not is_conflict(DatabaseError("of nobody knows what"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("cause", "calls"),
    [
        (psycopg.errors.SerializationFailure("could not serialize access"), MAX_RETRIES),
        (psycopg.OperationalError("server closed the connection unexpectedly"), 1),
    ],
)
def test_a_conflict_is_tried_again_and_a_lost_connection_is_not(cause: Exception, calls: int) -> None:
    made = []

    @retry_on_conflict
    def always_fails() -> None:
        made.append(1)
        raise raised(cause)

    with pytest.raises(OperationalError):
        always_fails()
    assert len(made) == calls
