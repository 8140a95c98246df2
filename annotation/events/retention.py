"""How long the audit log is kept."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from annotation.database.bulk_insert import to_database_value
from annotation.database.plain_sql import execute_update
from annotation.models import Event
from annotation.models.events import MIN_KEPT_DAYS


def delete_old_events() -> int:
    """Remove rows that are older than the settings keep them; return how many. The only way out of the table."""
    days = max(settings.EVENT_DAYS, MIN_KEPT_DAYS)
    limit = to_database_value(Event, "at", timezone.now() - timedelta(days=days))
    return execute_update("DELETE FROM annotation_event WHERE at < %s", [limit])
