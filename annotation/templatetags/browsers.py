"""What people call their browsers."""

from django import template
from django.utils.translation import gettext as _

from annotation.text.browser_names import browser_and_system

register = template.Library()
MAX_CHARACTERS = 80  # of what no name is known for


@register.filter
def browser(user_agent: str) -> str:
    """Name a browser and its system; what it says of itself, cut, where nothing of it is known."""
    name, system = browser_and_system(user_agent)
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or user_agent[:MAX_CHARACTERS]
