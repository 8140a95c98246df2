"""Numbers as people read them."""

from math import floor

from django import template

register = template.Library()


@register.filter
def grouped(number: object) -> str:
    """Write a count with its thousands apart, as the scripts do; nothing where there is none yet.

    >>> grouped(5170)
    '5,170'
    """
    return f"{number:,}" if isinstance(number, int) else ""


@register.filter
def as_percent(share: object) -> str:
    """Write a share in whole percent, rounded down; nothing where there is none.

    >>> as_percent(0.949)
    '94%'
    """
    return f"{floor(100 * share + 1e-9)}%" if isinstance(share, int | float) else ""
