"""What people call their browsers."""

from django import template

from annotation.accounts.browser_names import browser_name
from annotation.i18n import translated

register = template.Library()


@register.filter
def browser(user_agent: str) -> str:
    """Name a browser and its system in the reader's language."""
    return translated(browser_name(user_agent))
