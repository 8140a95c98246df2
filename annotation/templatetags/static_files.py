"""Tags for what a page loads besides itself."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from annotation.static_files import with_imported_modules

register = template.Library()


@register.simple_tag
def preload_modules(*modules: str) -> SafeString:
    """Links that have the browser load modules, and all that they import, before they are asked for."""
    names = with_imported_modules(settings.STATICFILES_DIRS[0], modules)
    return format_html_join("\n  ", '<link rel="modulepreload" href="{}">', ((static(name),) for name in names))


@register.simple_tag
def catalog_url() -> str:
    """The address of the scripts' texts in the reader's language."""
    return reverse("javascript-catalog", args=(settings.STATIC_DIGEST, get_language()))
