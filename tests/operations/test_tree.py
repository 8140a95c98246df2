"""What must be in no file of the tree, and what every template keeps to."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.test_layers import imports

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = {
    "a script without src": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)[^>]*>", re.IGNORECASE
    ),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a javascript address": re.compile(r"(href|action)\s*=\s*[\"']\s*javascript:", re.IGNORECASE),
}
# hosts of package registries and absolute paths of one machine, spelt so that this file does not hold them
PACKAGE = re.compile(r"^([A-Za-z0-9_.-]+)")
FORBIDDEN = re.compile(
    r"(pypi|files\.pythonhosted|registry\.npmjs|deb\.debian|proxy\.golang)"
    + r"\.(org|io)\b|(?<![\w./-])/(wor)k/|/roo(t)/\."
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def without_comments(html: str) -> str:
    html = re.sub(r"\{#.*?#\}", "", html)
    return re.sub(r"\{% comment.*?%\}.*?\{% endcomment %\}", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("what", INLINE)
def test_templates_have_nothing_inline(what: str) -> None:
    found = [str(t.relative_to(ROOT)) for t in TEMPLATES if INLINE[what].search(without_comments(t.read_text()))]
    assert not found, f"{what} would be blocked by the content security policy"


@pytest.mark.parametrize(
    "what,html",
    [
        ("a script without src", "<script>alert(1)</script>"),
        ("a style attribute", '<p class="a" style="color: red">'),
        ("an event attribute", '<a onclick="go()">'),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, html: str) -> None:
    assert INLINE[what].search(html)
    assert not INLINE[what].search('<script type="module" src="/static/js/main.js"></script><p data-on="style">')


def test_no_file_names_a_registry_host_or_a_place_on_one_machine() -> None:
    found = []
    for path in tracked():
        if not path.is_file() or "vendor" in path.parts:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FORBIDDEN.finditer(text)]
    assert not found


def test_every_package_is_pinned() -> None:
    names = re.compile(r"^([A-Za-z0-9_.-]+)", re.MULTILINE)
    wanted = {
        name.lower()
        for file in ("requirements.txt", "requirements-dev.txt")
        for name in names.findall((ROOT / file).read_text())
        if not name.startswith("-")
    }
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==[\w.]+$", (ROOT / "constraints.txt").read_text(), flags=re.MULTILINE)
    assert {_plain(name) for name in wanted} <= {_plain(name) for name in pins}


def needs(names: set[str]) -> set[str]:
    """Those packages and all that they need in turn."""
    found: set[str] = set()
    while names:
        found |= names
        more = {_plain(PACKAGE.match(line)[1]) for name in names for line in _requires(name)}  # type: ignore[index]
        names = more - found
    return found


def _requires(name: str) -> list[str]:
    try:
        return [line for line in metadata.requires(name) or [] if "extra ==" not in line]
    except metadata.PackageNotFoundError:
        return []  # wanted elsewhere only: another Python, another system, an extra


def test_the_product_runs_with_requirements_txt_alone() -> None:
    """What only tests and checks install is not there on a machine that just runs Margin."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    allowed = needs({_plain(match[1]) for line in lines if (match := PACKAGE.match(line))} | {"redis"})
    carried_by = metadata.packages_distributions()
    missing = {}
    for place in ("alproject", "annotation", "learner"):
        for path in (ROOT / place).rglob("*.py"):
            for module in {name.split(".")[0] for name in imports(path)}:
                if module in carried_by and not {_plain(name) for name in carried_by[module]} & allowed:
                    missing[module] = str(path.relative_to(ROOT))
    assert not missing


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_benchmark_hides_a_module_of_pythons_own() -> None:
    """Their folder comes first on the path of the one that is run as a script."""
    names = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert not names & sys.stdlib_module_names
