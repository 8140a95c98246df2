"""Which errors of the database mean that a concurrent transaction was first, so that trying again helps."""

import sqlite3

from django.db import DatabaseError, IntegrityError, OperationalError

# PostgreSQL's SQLSTATE: a serialization failure, a deadlock that was broken, a lock that is taken
CONFLICT_STATES = frozenset({"40001", "40P01", "55P03"})
SQLITE_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# What a row that another transaction has just written or deleted breaks. A value that is missing or out of range is a
# fault of ours, which no second try mends.
TAKEN_OR_GONE_STATES = frozenset({"23505", "23503"})  # PostgreSQL's: a unique key, a foreign key
SQLITE_TAKEN_OR_GONE = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
    }
)


def is_conflict(error: DatabaseError) -> bool:
    """Tell whether a concurrent transaction won a unique key, a lock or a deadlock, or deleted what this one names.

    Not so a lost connection, nor a value that the table does not take.
    """
    cause = error.__cause__
    if isinstance(error, IntegrityError):
        if getattr(cause, "sqlstate", None) in TAKEN_OR_GONE_STATES:
            return True
        return getattr(cause, "sqlite_errorcode", None) in SQLITE_TAKEN_OR_GONE
    if not isinstance(error, OperationalError):
        return False
    if isinstance(cause, sqlite3.OperationalError):
        code = getattr(cause, "sqlite_errorcode", None)  # none of errors that the driver itself raises
        return code is not None and code & 0xFF in SQLITE_LOCKED  # the lower byte is the kind, the rest says more
    return getattr(cause, "sqlstate", None) in CONFLICT_STATES
