"""Which Chromium, and how it is started; without Django, for benchmarks as well."""

from pathlib import Path

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium_path() -> str | None:
    """The system's Chromium, else (None) the one that Playwright has installed.

    The headless shell first: the same engine without a window's parts, at a quarter of the cost of each new page.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next((path for name in names if Path(path := f"/usr/bin/{name}").exists()), None)
