"""Sessions in the database, as Django keeps them, read by a statement in plain SQL: every request reads one."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from annotation.database.plain_sql import fetch_rows

_DATA_SQL = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        """Return what the session holds; of one that has ended, or never was, nothing."""
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        rows = fetch_rows(_DATA_SQL, [self.session_key, now])
        if not rows:
            return super().load()  # which forgets the key
        data: dict[str, Any] = self.decode(rows[0][0])
        return data
