"""The statements of leasing and answering, in plain SQL: they run for every answer."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from annotation.database.bulk_insert import to_database_value
from annotation.database.plain_sql import Columns, execute_update, fetch_rows
from annotation.models import Assignment, Item, QueueEntry

_LEASE = Columns(Assignment, "lease")
_ITEM = Columns(Item, "item")
_ENTRY = Columns(QueueEntry, "entry")

_ACTIVE_LEASES_SQL = f"""
    SELECT {_LEASE.sql}, {_ITEM.sql}
    FROM annotation_assignment AS lease
    JOIN annotation_item AS item ON item.id = lease.item_id
    WHERE NOT lease.answered AND lease.project_id = %s AND lease.user_id = %s
    ORDER BY lease.leased_at, lease.rank, lease.id
"""  # noqa: S608
_LEASE_OF_ITEM_SQL = f"""
    SELECT {_LEASE.sql} FROM annotation_assignment AS lease
    WHERE lease.project_id = %s AND lease.user_id = %s AND lease.item_id = %s
"""  # noqa: S608
# LIMIT and OFFSET keep PostgreSQL from joining: it would read the answered leases of the whole installation where it
# expects many entries. Like this it walks down the queue and looks four rows up for each entry until it has enough.
_FREE_ENTRIES_SQL = f"""
    SELECT {_ENTRY.sql}
    FROM annotation_queueentry AS entry
    WHERE entry.project_id = %s
    AND (SELECT item.answers FROM annotation_item AS item WHERE item.id = entry.item_id) < %s
    AND NOT EXISTS (
        SELECT 1 FROM annotation_assignment AS lease
        WHERE lease.item_id = entry.item_id AND lease.slot = entry.slot AND (lease.answered OR lease.expires_at > %s)
        LIMIT 1 OFFSET 0
    )
    AND NOT EXISTS (
        SELECT 1 FROM annotation_annotation AS answer
        WHERE answer.item_id = entry.item_id AND answer.user_id = %s AND answer.live
        LIMIT 1 OFFSET 0
    )
    AND NOT EXISTS (
        SELECT 1 FROM annotation_assignment AS lease
        WHERE lease.item_id = entry.item_id AND lease.user_id = %s AND (lease.answered OR lease.expires_at > %s)
        LIMIT 1 OFFSET 0
    )
    ORDER BY entry.rank, entry.slot
    LIMIT %s
"""  # noqa: S608
_LOCK_FREE_SQL = "FOR UPDATE OF entry SKIP LOCKED"  # two people who lease at once pass each other by
_OPEN_LABELS_SQL = """
    SELECT label.name FROM annotation_label AS label
    WHERE label.project_id = %s AND label.retired_at IS NULL
    ORDER BY label."order", label.id
"""
_COUNT_ANSWER_SQL = "UPDATE annotation_item SET answers = answers + 1 WHERE id = %s"
_CLOSE_LEASE_SQL = "UPDATE annotation_assignment SET answered = TRUE WHERE user_id = %s AND item_id = %s"


def active_leases(project: int, user: int) -> list[Assignment]:
    """Return what the user holds in the project, expired leases too, with the items; the oldest first."""
    leases = []
    for values in fetch_rows(_ACTIVE_LEASES_SQL, [project, user]):
        lease = _LEASE.make_row(values[: _LEASE.count])
        lease.item = _ITEM.make_row(values[_LEASE.count :])
        leases.append(lease)
    return leases


def lease_of_item(project: int, user: int, item: int) -> list[Assignment]:
    """Return the user's lease of an item, answered or not; at most one."""
    return [_LEASE.make_row(values) for values in fetch_rows(_LEASE_OF_ITEM_SQL, [project, user, item])]


def free_entries(project: int, user: int, overlap: int, now: datetime, limit: int) -> Sequence[QueueEntry]:
    """Return up to `limit` entries that the user may lease now, best first; on PostgreSQL locked for this transaction.

    The rows of `QueueEntry.objects.free_for`, but for those that another transaction is about to take.
    """
    sql = _FREE_ENTRIES_SQL + (_LOCK_FREE_SQL if connection.vendor == "postgresql" else "")
    moment = to_database_value(Assignment, "expires_at", now)
    rows = fetch_rows(sql, [project, overlap, moment, user, user, moment, limit])
    return [_ENTRY.make_row(values) for values in rows]


def usable_label_names(project: int) -> list[str]:
    """Return the names of the labels that may be given now, in their order."""
    return [name for (name,) in fetch_rows(_OPEN_LABELS_SQL, [project])]


def increment_answer_count(item: int) -> None:
    execute_update(_COUNT_ANSWER_SQL, [item])


def close_lease(user: int, item: int) -> None:
    execute_update(_CLOSE_LEASE_SQL, [user, item])
