"""Sessions are listed by names that people know."""

import pytest
from django.utils.translation import override

from annotation.templatetags.browsers import browser

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
MACINTOSH = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = {
    f"Mozilla/5.0 (X11; Linux x86_64) {BLINK}": "Chrome on Linux",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Edg/140.0.0.0": "Edge on Windows",
    f"{MACINTOSH} Version/18.5 Safari/605.1.15": "Safari on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 "
    "Mobile/15E148 Safari/604.1": "Chrome on iPhone",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox on Android",
    "Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD)": "Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD)",
    "python-requests/2.32": "python-requests/2.32",
    "": "",
    "x" * 500: "x" * 80,
}


@pytest.mark.parametrize("agent", AGENTS)
def test_browsers_have_names(agent: str) -> None:
    assert browser(agent) == AGENTS[agent]


def test_the_name_is_in_the_readers_language() -> None:
    with override("zh-hans"):
        assert browser(next(iter(AGENTS))) == "Linux 上的 Chrome"
