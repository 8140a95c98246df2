"""Every test is of one kind, and the kinds mean what they say."""

from types import SimpleNamespace
from typing import Any

import pytest

from annotation.models import User
from tests.kinds import kinds_of, mark


def test_every_test_is_of_one_kind(request: pytest.FixtureRequest) -> None:
    kinds = {test.nodeid: kinds_of(test) for test in request.session.items}
    assert kinds[request.node.nodeid] == ["unit"]
    assert not {name: found for name, found in kinds.items() if len(found) != 1}


def test_what_stands_among_browser_tests_is_one(request: pytest.FixtureRequest) -> None:
    folder = request.config.rootpath / "tests" / "browser"
    kinds = {test.nodeid: kinds_of(test) for test in request.session.items if folder in test.path.parents}
    assert not {name: found for name, found in kinds.items() if found != ["browser"]}


def test_a_unit_test_cannot_reach_the_database() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        User.objects.exists()


def a_test(*marks: str, fixtures: tuple[str, ...] = ()) -> Any:
    """As much of a test as `mark` looks at."""
    given = list(marks)
    return SimpleNamespace(
        nodeid="test_x",
        fixturenames=fixtures,
        add_marker=given.append,
        get_closest_marker=lambda name: name if name in given else None,
    )


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        (a_test(), "unit"),
        (a_test(fixtures=("tmp_path", "db")), "database"),
        (a_test("django_db"), "database"),
        (a_test("django_db", "browser"), "browser"),
        (a_test("service", fixtures=("transactional_db",)), "service"),
        (a_test("statistical"), "statistical"),
    ],
    ids=range(6),
)
def test_the_kind_follows_from_what_a_test_says_or_asks_for(test: Any, kind: str) -> None:
    mark([test])
    assert kinds_of(test) == [kind]


def test_two_kinds_are_refused() -> None:
    with pytest.raises(pytest.UsageError, match="unit, statistical"):
        mark([a_test("unit", "statistical")])
