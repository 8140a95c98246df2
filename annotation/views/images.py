"""The picture of an item, for those who may see the item."""

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext

from annotation.access import item_for, project_page
from annotation.errors import InvalidRequest, NotFound
from annotation.imports import image_storage
from annotation.models import Item, Project

CACHE_FOREVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


def image_address(item: Item, size: str) -> str:
    """Return the address of an item's picture, which changes when the picture does; image_cache.js makes it too."""
    where = reverse("item-image", args=[item.project_id, item.pk])
    return f"{where}?size={size}&v={image_storage.image_version(item.content)}"


@project_page("annotate")
def show(request: HttpRequest, project: Project, item: int) -> HttpResponse:
    """The picture as a file: `size` is thumb, screen (as without) or full, the original.

    No size has metadata: where and with what a picture was taken stays with who uploaded it. Under the address that
    names its version (`v`) a browser keeps it for good; under any other it asks each time.
    """
    size = request.GET.get("size", "screen")
    if size not in image_storage.SIZES:
        raise InvalidRequest(gettext("The size is one of: %s.") % ", ".join(image_storage.SIZES))
    content = item_for(request.user, project.pk, item).content
    if "image" not in content:
        raise NotFound
    path = image_storage.path_without_metadata(content) if size == "full" else image_storage.image_path(content, size)
    tag = f'"{path}"'
    response = _not_modified_response(request, tag) or _file_response(path)
    is_current = request.GET.get("v") == image_storage.image_version(content)
    response["Content-Type"] = image_storage.image_content_type(content, size)
    response["ETag"], response["Cache-Control"] = tag, CACHE_FOREVER if is_current else ASK_AGAIN
    return response


def _not_modified_response(request: HttpRequest, tag: str) -> HttpResponse | None:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return HttpResponseNotModified() if tag in known or "*" in known else None


def _file_response(path: str) -> HttpResponse:
    try:
        return FileResponse(default_storage.open(path))  # type: ignore[return-value]
    except FileNotFoundError:
        raise NotFound from None
