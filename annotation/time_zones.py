"""The time zone that a person reads times in: their setting, else their browser's, else the installation's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import timezone as fixed_zone
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "time_zone"  # the browser's, written by static/js/time_zone.js
OTHER_NAMES = ("Etc/", "SystemV/", "US/", "posix/", "right/")  # of zones that have a place's name, too


@cache
def find_time_zone(name: str) -> ZoneInfo | None:
    """Return a time zone such as Europe/Berlin; None for a name that this machine does not know."""
    return ZoneInfo(name) if name in available_timezones() else None


@cache
def time_zone_names() -> tuple[str, ...]:
    """Return the names that people choose from: UTC, then region/place in their order."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(OTHER_NAMES))
    return ("UTC", *places)


class TimeZoneMiddleware:
    """Give each request the time zone of the person who makes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "time_zone", "")  # empty for nobody
        zone = find_time_zone(chosen) or find_time_zone(request.COOKIES.get(COOKIE, "")[:64])
        with timezone.override(zone or timezone.get_default_timezone()):
            return self.get_response(request)


def start_of_day() -> datetime:
    """Return when the day of this moment began in the current time zone, on a day of 23 or 25 hours as well."""
    zone = timezone.get_current_timezone()
    day = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return day.replace(tzinfo=zone)


def hour_starts_until(now: datetime, count: int) -> list[datetime]:
    """Return when the last hours began, oldest first, as the clocks of the current time zone count them.

    Each is an hour after the one before, also when the clocks are changed: an hour that comes twice is there twice.
    """
    zone = hour_aligned_zone(now)
    start = now.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    return [start - timedelta(hours=ago) for ago in range(count - 1, -1, -1)]


def hour_aligned_zone(now: datetime) -> fixed_zone:
    """Return the offset of the current time zone at this moment, less whole hours: 0, 30 or 45 minutes.

    Hours begin at the same moments for everybody with the same one, and none is lost or doubled.
    """
    offset = timezone.localtime(now).utcoffset() or timedelta()
    return fixed_zone(offset % timedelta(hours=1))
