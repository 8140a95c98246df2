"""Which errors mean that the database is away, full or too busy, so that the same request may succeed later."""

import sqlite3

from django.db import InterfaceError, OperationalError

# SQLite raises the same class for a missing table, which no waiting mends. The lower byte of a code is its kind.
SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
    }
)


def is_outage(error: BaseException | None) -> bool:
    """Tell whether the database is down, unreachable, full or busy for too long."""
    if isinstance(error, OperationalError):
        cause = error.__cause__
        if isinstance(cause, sqlite3.Error):
            return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_OUTAGES
        return True
    return isinstance(error, InterfaceError)
