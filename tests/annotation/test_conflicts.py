"""A transaction that lost to a concurrent one is tried again; a lost connection is not taken for that."""

import sqlite3
import threading
from typing import cast
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction

from annotation.database.conflicts import is_conflict
from annotation.models import Annotation, Item, Project, User
from annotation.queue import answering, leasing, retrying
from annotation.queue.answering import Answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def caused_by(cause: Exception) -> OperationalError:
    error = OperationalError(*cause.args)
    error.__cause__ = cause
    return error


def violation(cause: Exception) -> IntegrityError:
    error = IntegrityError(*cause.args)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "conflict"),
    [
        (violation(psycopg.errors.UniqueViolation("taken")), True),
        (violation(psycopg.errors.ForeignKeyViolation("gone")), True),
        (violation(psycopg.errors.NotNullViolation("missing")), False),
        (violation(psycopg.errors.CheckViolation("out of range")), False),
        (IntegrityError("of unknown cause"), False),
        (caused_by(psycopg.errors.DeadlockDetected("deadlock detected")), True),
        (caused_by(psycopg.errors.SerializationFailure("could not serialize")), True),
        (caused_by(psycopg.errors.AdminShutdown("terminating connection")), False),
        (caused_by(psycopg.errors.DiskFull("no space left")), False),
        (caused_by(psycopg.OperationalError("the connection is closed")), False),
        (caused_by(sqlite3.OperationalError("unable to open database file")), False),
        (OperationalError("of unknown cause"), False),
        (InterfaceError("connection already closed"), False),
        (DatabaseError("something else"), False),
    ],
    ids=lambda value: type(value.__cause__ or value).__name__ if isinstance(value, Exception) else "",
)
def test_what_is_a_conflict(*, error: DatabaseError, conflict: bool) -> None:
    assert is_conflict(error) is conflict


@pytest.mark.parametrize(
    ("statement", "conflict"),
    [("(1, 1)", True), ("(2, NULL)", False), ("(3, -1)", False)],
    ids=["taken", "none", "low"],
)
def test_sqlite_tells_a_taken_key_from_a_wrong_value(*, statement: str, conflict: bool) -> None:
    with sqlite3.connect(":memory:") as table:
        table.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER NOT NULL CHECK (x >= 0))")
        table.execute("INSERT INTO t VALUES (1, 0)")
        with pytest.raises(sqlite3.IntegrityError) as caught:
            table.execute(f"INSERT INTO t VALUES {statement}")
    assert is_conflict(violation(caught.value)) is conflict


def test_a_locked_sqlite_file_is_a_conflict(tmp_path: object) -> None:
    path = f"{tmp_path}/locked.sqlite3"
    with sqlite3.connect(path) as one, sqlite3.connect(path, timeout=0) as other:
        one.execute("CREATE TABLE t (x)")
        one.commit()
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("INSERT INTO t VALUES (1)")
    assert is_conflict(caused_by(caught.value))


def test_a_transaction_that_lost_is_tried_again() -> None:
    tries = []

    @retrying.retry_on_conflict
    def work() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise caused_by(psycopg.errors.DeadlockDetected("deadlock detected"))
        return "done"

    assert work() == "done"
    assert len(tries) == 3


def test_a_lost_connection_is_raised_at_once() -> None:
    tries = []

    @retrying.retry_on_conflict
    def work() -> None:
        tries.append(1)
        raise caused_by(psycopg.OperationalError("the connection is lost"))

    with pytest.raises(OperationalError):
        work()
    assert len(tries) == 1


@pytest.mark.postgres
def test_an_answer_whose_connection_is_lost_is_not_sent_another_way(
    project: Project, annotator: User, make_items: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast("object", make_items)(project, 3)  # type: ignore[operator]
    (lease, *_others) = leasing.lease(project, annotator, 3)
    answer = Answer(uuid4(), lease.item_id, "label", {"labels": ["ham"]})
    slow: list[int] = []
    save_any = answering._save_checking_each
    monkeypatch.setattr(answering, "_save_checking_each", lambda *given: slow.append(1) or save_any(*given))
    leases_of = answering._leases_of

    def cut(*given: object) -> object:
        held = leases_of(*given)  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with psycopg.connect(
            **{
                k: v
                for k, v in connection.get_connection_params().items()
                if k in ("dbname", "user", "password", "host", "port")
            },
            autocommit=True,
        ) as server:
            server.execute("SELECT pg_terminate_backend(%s)", (pid,))
        return held

    with monkeypatch.context() as patch:
        patch.setattr(answering, "_leases_of", cut)
        with pytest.raises(OperationalError):
            answering.submit_answers(project, annotator, [answer])
    assert slow == []
    connection.close()
    assert not Annotation.objects.exists()
    answering.submit_answers(project, annotator, [answer])  # the browser sends it again
    assert Annotation.objects.get().uuid == answer.uuid


@pytest.mark.postgres
def test_a_real_deadlock_is_sorted_out(project: Project, make_items: object) -> None:
    one, two = cast("object", make_items)(project, 2)  # type: ignore[operator]
    first_locked = threading.Barrier(2)
    tries: list[str] = []

    def update(name: str, pks: tuple[int, int]) -> None:
        met = []

        @retrying.retry_on_conflict
        def work() -> None:
            tries.append(name)
            Item.objects.filter(pk=pks[0]).update(external_id=f"{name} {pks[0]}")
            if not met:
                met.append(1)
                first_locked.wait(timeout=20)
            Item.objects.filter(pk=pks[1]).update(external_id=f"{name} {pks[1]}")

        try:
            work()
        finally:
            connection.close()

    threads = [
        threading.Thread(target=update, args=("a", (one.pk, two.pk))),
        threading.Thread(target=update, args=("b", (two.pk, one.pk))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(tries) == 3
    names = {external_id.split()[0] for external_id in Item.objects.values_list("external_id", flat=True)}
    assert len(names) == 1
    assert not transaction.get_connection().in_atomic_block
