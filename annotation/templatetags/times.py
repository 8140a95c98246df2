"""When something was, in the reader's time zone, and how long ago."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def ago(moment: datetime) -> str:
    """Say how long ago a moment was; within the last minute it is now."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(ago)s ago") % {"ago": timesince(moment)}


@register.filter
def with_zone(moment: datetime) -> str:
    """Write a moment as the reader's clocks show it, with the name of their time zone."""
    return f"{date_format(timezone.localtime(moment), 'DATETIME_FORMAT')} {timezone.localtime(moment):%Z}"
