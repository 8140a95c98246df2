"""What browsers and proxies may keep of an answer, and what they are told besides."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from alproject.environment import make_private_dir
from annotation.imports.image_storage import store_image
from annotation.models import Item, Project, User
from annotation.views.images import image_address
from tests.annotation.test_permissions import ROWS, Row, World, send
from tests.pictures import picture

KEPT = {"item-image": "private, no-cache", "api-progress": "private, no-cache"}  # asked again each time, by an ETag
PAGES = [row for row in ROWS if row.method == "GET" and row.statuses[0] == 200]


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_nobody_keeps_what_is_private(
    row: Row, world: World, lead: User, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(lead)
    answers = []
    request = client.request
    monkeypatch.setattr(client, "request", lambda **environ: answers.append(request(**environ)) or answers[-1])
    assert send(client, row.route, "GET", world, row) == 200
    wanted = KEPT.get(row.route, "no-store")
    assert wanted in answers[0]["Cache-Control"]
    assert "camera=()" in answers[0]["Permissions-Policy"]
    assert answers[0]["Cross-Origin-Resource-Policy"] == "same-origin"


def test_errors_are_not_kept_either(lead: User, client_of: Callable[..., Client]) -> None:
    for path in ("/api/v1/nothing/", "/nothing/", "/api/v1/me/?surprise=1"):
        assert client_of(lead).get(path)["Cache-Control"] == "no-store"
    assert Client().get("/api/v1/me/")["Cache-Control"] == "no-store"


def test_a_picture_is_kept_under_the_address_of_its_content(
    project: Project, annotator: User, client_of: Callable[..., Client], make_items: Callable[..., list[Item]]
) -> None:
    first, second = make_items(project, 2)
    for item, color in ((first, "red"), (second, "blue")):
        item.content = store_image(project.pk, picture(color))
        item.save()
    client = client_of(annotator)
    where = image_address(first, "thumb")
    assert client.get(where)["Cache-Control"] == "private, max-age=31536000, immutable"
    assert where.partition("?")[2] != image_address(second, "thumb").partition("?")[2]
    first.content = second.content
    first.save()
    assert client.get(where)["Cache-Control"] == "private, no-cache"
    page = client.get(reverse("items-index", args=[project.pk])).content.decode()
    assert escape(image_address(second, "thumb")) in page


def test_signing_out_clears_the_cache_and_never_the_storage(lead: User, client_of: Callable[..., Client]) -> None:
    client = client_of(lead)
    assert "Clear-Site-Data" not in client.get("/")
    response = client.post(reverse("sign-out"))
    assert response["Clear-Site-Data"] == '"cache"'


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o755)
    open_to_all.chmod(0o755)
    for path in (open_to_all, tmp_path / "new" / "var"):
        make_private_dir(path)
        make_private_dir(path)
        assert path.stat().st_mode & 0o777 == 0o700
