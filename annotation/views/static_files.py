"""Scripts and their texts: browsers keep them for good, and addresses of other releases lead to those of now."""

from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import override
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from annotation.static_files import without_digest

YEAR_SECONDS = 365 * 24 * 3600
_catalog = JavaScriptCatalog.as_view(packages=["annotation", "learner"])


@require_safe
def catalog(request: HttpRequest, digest: str, language: str) -> HttpResponseBase:
    """The texts of the pages' scripts in one language, whatever the reader's is."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with override(language):
        response = _catalog(request)
    if digest == settings.STATIC_DIGEST:
        patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
    return response


@require_safe
def moved(request: HttpRequest, path: str) -> HttpResponseRedirect:
    """Lead from a file's address in another release to that of now: pages stay open while Margin is upgraded."""
    if settings.DEBUG or path.startswith(f"{settings.STATIC_DIGEST}/"):
        raise Http404
    return HttpResponseRedirect(settings.STATIC_URL + quote(without_digest(path)))
