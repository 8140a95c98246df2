"""Margin in a real Chromium, on a server with projects of its own: from a key to the paint, and how long frames are."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# The clock starts at the event's own time stamp, when the browser got the key. `ms` is up to a task posted from the
# animation frame that paints: such a task runs once that frame has been handed over. `presented` is the browser's own
# account of when the frame was on the screen, in steps of 8 ms (W3C Event Timing); null until it is known.
KEYS = """() => {
    const shown = () => {
        const item = document.querySelector('[data-part="item"]');
        const image = item.querySelector("img");
        return [item.textContent, image?.src, !image || (image.complete && image.naturalWidth > 0)];
    };
    window.paints = [];
    const byTime = new Map();
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            const paint = entry.name === "keydown" && byTime.get(entry.startTime);
            if (paint) paint.presented = entry.duration;
        }
    }).observe({ type: "event", durationThreshold: 16 });
    addEventListener("keydown", (event) => {
        const before = shown();
        const paint = { key: event.key, presented: null };
        byTime.set(event.timeStamp, paint);
        requestAnimationFrame(() => {
            const after = shown();
            paint.changed = after[2] && (after[0] !== before[0] || after[1] !== before[1]);
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                paint.ms = performance.now() - event.timeStamp;
                window.paints.push(paint);
            };
            channel.port2.postMessage(null);
        });
    }, { capture: true });
}"""
# A frame's length is the time between two animation frames, which are 16.7 ms apart where nothing keeps them.
FRAMES = """() => {
    window.frames_ms = [];
    let last = null;
    const tick = (now) => {
        if (last !== null) window.frames_ms.push(now - last);
        last = now;
        window.watching = requestAnimationFrame(tick);
    };
    window.watching = requestAnimationFrame(tick);
}"""
STOP = "() => { cancelAnimationFrame(window.watching); return window.frames_ms; }"


@dataclass(frozen=True)
class Paint:
    """What a key press took, in milliseconds: until its frame was handed over, and until it was on the screen."""

    ms: float
    presented: float | None  # None: sooner than the browser tells


def press(page: Any, presses: int, keys: str | Sequence[str], pause_ms: float = 60) -> list[dict[str, Any]]:
    """Press keys in turn, each when the one before it is painted; return what each took and if the item changed."""
    page.evaluate(KEYS)
    for n in range(presses):
        page.wait_for_selector(".an[data-unseen]", state="detached")  # sooner nobody answers
        page.keyboard.press(keys[n % len(keys)])
        page.wait_for_function("n => window.paints.length > n", arg=n)
        page.wait_for_timeout(pause_ms)
    found: list[dict[str, Any]] = page.evaluate("window.paints")
    return found


def answer(page: Any, answers: int, keys: str | Sequence[str] = "12", first: Sequence[str] = ()) -> list[Paint]:
    """Answer items on an open annotate screen; return what the key took that brings the next one.

    `first` is pressed before each of them, such as a label's key before Enter. Raises AssertionError when a frame after
    a key does not show another item, whole.
    """
    found = []
    per = len(first) + 1
    sequence = [key for n in range(answers) for key in (*first, keys[n % len(keys)])]
    for n, paint in enumerate(press(page, len(sequence), sequence)):
        if n % per == per - 1:
            assert paint["changed"], f"the frame after key {n} still showed the old item"
            found.append(Paint(paint["ms"], paint["presented"]))
    return found


def frames(page: Any, act: Callable[[], None]) -> list[float]:
    """Return the milliseconds of each frame while something is done."""
    page.wait_for_timeout(500)
    page.evaluate(FRAMES)
    act()
    found: list[float] = page.evaluate(STOP)
    return found


@contextlib.contextmanager
def browsing(url: str) -> Iterator[Any]:
    """Open Chromium, signed in as the user of the benchmarks; yields a page."""
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import ARGS, chromium_path

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/sign-in/")
        page.fill("#id_username", "bench")
        page.fill("#id_password", "bench-password")
        page.press("#id_password", "Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        yield page
        browser.close()


def open_project(page: Any, url: str, pk: int) -> None:
    """Go to a project's annotate screen; its first item is there, and what comes next is at hand."""
    page.goto(f"{url}/projects/{pk}/annotate/")
    page.wait_for_selector('[data-state="item"]')
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_load_state("networkidle")


@contextlib.contextmanager
def serving(var: Path, make: str) -> Iterator[tuple[str, dict[str, int]]]:
    """A server of its own; yields its address and what `make` prints: the ids of the projects it made, as JSON."""
    environment = {
        **os.environ,
        "MARGIN_VAR": str(var),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "alproject.settings",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True, cwd=ROOT)
    made = subprocess.run(
        [*manage, "shell", "-v0", "-c", make], env=environment, check=True, cwd=ROOT, capture_output=True, text=True
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = [sys.executable, "-m", "gunicorn", "alproject.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4"]
    with (var / "web.log").open("w") as log:
        process = subprocess.Popen(web, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}", json.loads(made.stdout.splitlines()[-1])
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError("the server did not come up")
