"""pyproject.toml is the one list of what Margin needs; the locks hold exact versions of it, with hashes."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from margin import __version__
from tests.test_layers import imports

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME, DEVELOPMENT, INSTALLER = "requirements.txt", "requirements-dev.txt", "requirements-installer.txt"
ENCODER = "requirements-encoder.txt"
PACKAGES = ("alproject", "annotation", "learner", "margin")


def wanted(lock: str) -> list[Requirement]:
    """What pyproject.toml asks for, of the packages that a lock is for."""
    lines: list[str] = list(PYPROJECT["project"]["dependencies"])
    if lock == DEVELOPMENT:
        lines += PYPROJECT["dependency-groups"]["dev"]
    if lock == ENCODER:
        lines += PYPROJECT["project"]["optional-dependencies"]["encoder"]
    return [Requirement(line) for line in lines]


def locked(lock: str) -> dict[str, str]:
    """The versions that a lock holds, by package."""
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT, ENCODER])
def test_a_lock_holds_what_pyproject_asks_for(lock: str) -> None:
    pins = locked(lock)
    missing = [str(want) for want in wanted(lock) if pins.get(canonicalize_name(want.name)) not in want.specifier]
    assert not missing, "run `make lock`"


@pytest.mark.parametrize(("lock", "fewest"), [(RUNTIME, 50), (DEVELOPMENT, 50), (ENCODER, 50), (INSTALLER, 1)])
def test_every_line_of_a_lock_has_a_version_and_a_hash(lock: str, fewest: int) -> None:
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(lines) >= fewest
    bad = [
        line for line in lines if not re.match(r"[A-Za-z0-9_.-]+==\S+ (; .+? )?( *--hash=sha256:[0-9a-f]{64})+$", line)
    ]
    assert not bad


def test_tests_run_on_the_versions_that_people_get() -> None:
    assert locked(RUNTIME).items() <= locked(DEVELOPMENT).items()
    assert locked(RUNTIME).items() <= locked(ENCODER).items()
    assert "pytest" not in locked(RUNTIME)


def test_the_encoders_of_the_extra_are_those_of_the_file() -> None:
    extra = [Requirement(line) for line in PYPROJECT["project"]["optional-dependencies"]["encoders"]]
    pins = locked("requirements-encoders.txt")
    assert {canonicalize_name(want.name) for want in extra} == set(pins)
    assert all(pins[canonicalize_name(want.name)] in want.specifier for want in extra)


def needs(names: Iterable[str]) -> set[str]:
    """Those packages and all that they need in turn, as far as they are installed."""
    found: set[str] = set()
    ahead = set(names)
    while ahead:
        found |= ahead
        ahead = {canonicalize_name(want.name) for name in ahead for want in _requires(name)} - found
    return found


def _requires(name: str) -> list[Requirement]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []  # wanted elsewhere only: another Python, another system, an extra
    return [Requirement(line) for line in lines if "extra ==" not in line]


def test_the_product_runs_without_what_only_tests_need() -> None:
    """What only tests and checks install is not there on a machine that just runs Margin."""
    allowed = needs({canonicalize_name(want.name) for want in wanted(RUNTIME)} | {"redis"})
    carried_by = metadata.packages_distributions()
    missing = {}
    for place in PACKAGES:
        for path in (ROOT / place).rglob("*.py"):
            for module in {name.split(".")[0] for name in imports(path)} - set(PACKAGES):
                if module in carried_by and not {canonicalize_name(name) for name in carried_by[module]} & allowed:
                    missing[module] = str(path.relative_to(ROOT))
    assert not missing


def test_the_version_stands_in_one_place() -> None:
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "margin/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", __version__)


def test_the_client_side_imports_no_framework() -> None:
    """`margin` is what people may import elsewhere; only its command line starts Django, and only when asked to."""
    found = {}
    for path in (ROOT / "margin").rglob("*.py"):
        names = {name.split(".")[0] for name in imports(path)}
        allowed = {"django"} if path.name == "command.py" else set()
        if bad := names & {"django", "rest_framework", "celery", "alproject", "annotation", "learner"} - allowed:
            found[path.name] = bad
    assert not found
