"""A real browser against a real server: console errors and CSP violations fail every test."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from annotation.models import Project, User
from tests.browser.chromium import ARGS, chromium_path

# The test server writes an answer in two parts, of which the second would wait 40 ms for the first to be confirmed.
WSGIRequestHandler.disable_nagle_algorithm = True
# Static files come from where they come from in production, with the same headers.
StaticFilesHandler._should_handle = Mock(return_value=False)  # type: ignore[method-assign]
# Playwright's loop runs in this thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

OpenPage = Callable[..., Page]

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
expect.set_options(timeout=15_000)  # milliseconds: on a busy machine an answer takes its time
AXE = Path(__file__).parent / "axe" / "axe.min.js"
# The server answers in threads of its own: SQLite needs a file then, not the shared memory of one connection.
_default = connections["default"].settings_dict
if _default["ENGINE"].endswith("sqlite3"):
    _default["TEST"]["NAME"] = str(Path(tempfile.mkdtemp(prefix="margin-test-")) / "test.sqlite3")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about; a test removes what it provoked."""
    return []


@pytest.fixture
def open_context(browser: Browser, live_server: Any, complaints: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function (user, **options) -> browser context, signed in where a user is given."""
    contexts: list[BrowserContext] = []

    def make(user: User | None = None, **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, **{**DESKTOP, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        if user:
            context.add_cookies([session_cookie(user, live_server.url)])
        context.on("page", lambda page: listen(page, complaints))
        context.on("page", press_when_seen)
        if options.get("java_script_enabled", True):
            context.on("page", go_until_started)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def _no_complaints(complaints: list[str]) -> Iterator[None]:
    yield
    assert not complaints


@pytest.fixture(autouse=True)
def _real_time(settings: LazySettings) -> None:
    settings.DEBUG = False


def opened(context: BrowserContext, project: Project, clock: bool = False) -> Page:
    """Return the annotate screen with its first item on it; with `clock` a test may put the page's timers forward."""
    page = context.new_page()
    if clock:
        page.clock.install()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    wait_until_seen(page)
    return page


@pytest.fixture
def open_annotate(open_context: Any, project: Project) -> OpenPage:
    """Return a function (user, clock, **options) -> the annotate screen of the room's own project, as `opened` does."""

    def make(user: User, clock: bool = False, **options: Any) -> Page:
        return opened(open_context(user, **options), project, clock)

    return make


@pytest.fixture
def open_pictures(open_context: Any, pictures: Project) -> Callable[..., Page]:
    """Return a function (user, **options) -> the annotate screen with its first picture on it.

    The fixture `pictures`, a project that has some, is of each room's own.
    """

    def make(user: Any, **options: Any) -> Page:
        page = opened(open_context(user, **options), pictures)
        expect(page.locator(".an-frame__image")).to_have_js_property("complete", True)
        return page

    return make


def session_cookie(user: User, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


def listen(page: Page, complaints: list[str]) -> None:
    """Collect console errors (CSP violations are such) and uncaught exceptions."""
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def press_when_seen(page: Page) -> None:
    """Have tests press keys no sooner than people: an item that was painted just now takes no answer yet."""
    press = page.keyboard.press
    pressed = ""

    def press_later(key: str, **options: Any) -> None:
        nonlocal pressed
        wait_until_seen(page)
        if key == pressed and len(key) == 1:
            page.wait_for_timeout(160)  # the same label's once more, and no key that bounces
        press(key, **options)
        pressed = key

    page.keyboard.press = press_later  # type: ignore[method-assign]


def go_until_started(page: Page) -> None:
    """Have `goto` wait until the page does what it shows, as people do: its modules are loaded after it."""
    goto = page.goto

    def goto_and_wait(url: str, **options: Any) -> Any:
        response = goto(url, **options)
        page.locator("[data-module]:not([data-started])").first.wait_for(state="detached")
        return response

    page.goto = goto_and_wait  # type: ignore[method-assign]


def wait_until_seen(page: Page) -> None:
    page.locator(".an[data-unseen]").wait_for(state="detached")


def axe(page: Page) -> list[str]:
    """Run axe-core on the page as it is; return its violations in words."""
    result = page.evaluate(
        """async (source) => {
            if (!window.axe) (0, eval)(source);
            return await window.axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            });
        }""",
        AXE.read_text(),
    )
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
