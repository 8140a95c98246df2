"""Each test is of one kind, which tells what it needs and how long it may take; `pytest -m unit` chooses by it.

A test says so itself (`pytest.mark.browser`, `service`, `statistical`); of those that do not, the ones that ask for the
database are of the kind `database`, and all others are unit tests.
"""

from collections.abc import Iterable

import pytest

KINDS = {
    "unit": "neither database nor other processes",
    "database": "rows in a database",
    "service": "starts real programs: the server, workers, Redis",
    "browser": "drives a real browser",
    "statistical": "counts over many random draws",
}
_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def mark(tests: Iterable[pytest.Item]) -> None:
    """Give each test the marker of its kind; raises UsageError where one names several."""
    for test in tests:
        named = kinds_of(test)
        if len(named) > 1:
            raise pytest.UsageError(f"{test.nodeid} is of several kinds: {', '.join(named)}")
        if not named:
            test.add_marker("database" if _asks_for_the_database(test) else "unit")


def kinds_of(test: pytest.Item) -> list[str]:
    return [kind for kind in KINDS if test.get_closest_marker(kind)]


def _asks_for_the_database(test: pytest.Item) -> bool:
    fixtures = set(getattr(test, "fixturenames", ()))
    return test.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(_DATABASE_FIXTURES)
