"""How much of a page comes over the network."""

from typing import Any

import pytest
from playwright.sync_api import Page

from annotation.models import Project, User
from tests.browser.conftest import opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# what came over the network, not out of the cache, the page itself included
TRANSFERRED = """performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .filter((entry) => entry.transferSize > 0).map((entry) => entry.name)"""
MAX_REQUESTS = 3


def transferred(page: Page, path: str) -> list[str]:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return page.evaluate(TRANSFERRED)


def test_a_warm_annotate_page_asks_for_itself_and_its_items(
    open_context: Any, project: Project, annotator: User, make_items: Any
) -> None:
    make_items(project, 30)
    page = opened(open_context(annotator), project)
    names = transferred(page, f"/projects/{project.pk}/annotate/")
    assert len(names) <= MAX_REQUESTS, names
    assert any("/next/" in name for name in names)


@pytest.mark.parametrize("path", ["/", "/projects/{}/dashboard/", "/projects/{}/settings/", "/projects/{}/items/"])
def test_a_warm_page_asks_for_itself(
    open_context: Any, project: Project, lead: User, make_items: Any, path: str
) -> None:
    make_items(project, 3)
    page = open_context(lead).new_page()
    assert len(transferred(page, path.format(project.pk))) > MAX_REQUESTS
    names = transferred(page, path.format(project.pk))
    assert len(names) <= MAX_REQUESTS, names


def test_no_module_is_found_only_by_another(
    open_context: Any, project: Project, annotator: User, make_items: Any
) -> None:
    """All that the annotate screen imports is asked for by the page, before any module has come."""
    make_items(project, 3)
    page = opened(open_context(annotator), project)
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    preloaded = page.evaluate("Array.from(document.querySelectorAll('link[rel=modulepreload]'), (link) => link.href)")
    modules = {name for name in loaded if name.endswith(".js") and "/static/" in name}
    assert modules - set(preloaded) - {name for name in modules if name.endswith("js/theme.js")} == set()
