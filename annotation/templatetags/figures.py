"""Numbers as people read them."""

from django import template

register = template.Library()


@register.filter
def grouped(number: object) -> str:
    """Write a count with its thousands apart, as the scripts do; nothing where there is none yet.

    >>> grouped(5170)
    '5,170'
    """
    return f"{number:,}" if isinstance(number, int) else ""
