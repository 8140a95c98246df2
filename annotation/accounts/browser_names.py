"""What people call a browser, of what it says of itself. Pure: marks in a `User-Agent`, the telling ones first."""

from annotation.lazy_text import LazyText as _

# browsers name those that they want to be taken for, too: Edge says Chrome and Safari as well
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
MAX_CHARACTERS = 80  # of what no name is known for


def browser_name(user_agent: str) -> str:
    """Return a name such as "Firefox on Windows"; what it says of itself, cut, where that is nothing known.

    >>> str(browser_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"))
    'Firefox on Windows'
    >>> browser_name("curl/8.5.0")
    'curl/8.5.0'
    """
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or user_agent[:MAX_CHARACTERS]
