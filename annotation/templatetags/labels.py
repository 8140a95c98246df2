"""Show a label's colour."""

from django import template

register = template.Library()


@register.filter
def tone(color: str) -> str:
    """Return the number of a palette token for data-tone; empty for a colour of one's own.

    >>> tone("label-3"), tone("#a1b2c3")
    ('3', '')
    """
    return color.removeprefix("label-") if color.startswith("label-") else ""
