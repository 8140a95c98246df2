"""Which errors of the database mean that a concurrent transaction was first, so that trying again helps."""

import sqlite3

from django.db import DatabaseError, IntegrityError, OperationalError

# PostgreSQL's SQLSTATE: a serialization failure, a deadlock that was broken, a lock that is taken
CONFLICT_STATES = frozenset({"40001", "40P01", "55P03"})
SQLITE_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def is_conflict(error: DatabaseError) -> bool:
    """Tell whether a concurrent transaction won a unique key, a lock or a deadlock. Not so a lost connection."""
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        code = getattr(cause, "sqlite_errorcode", None)  # none of errors that the driver itself raises
        return code is not None and code & 0xFF in SQLITE_LOCKED  # the lower byte is the kind, the rest says more
    return getattr(cause, "sqlstate", None) in CONFLICT_STATES
