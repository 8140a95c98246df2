"""Numbers as people read them."""

from django import template

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """Write a count with its thousands apart, as the scripts do.

    >>> grouped(5170)
    '5,170'
    """
    return f"{number:,}"
