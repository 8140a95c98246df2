"""What must be in no file of the tree, and what every template keeps to."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    ("what", "html"),
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


def test_no_benchmark_hides_a_module_of_pythons_own() -> None:
    """Their folder comes first on the path of the one that is run as a script."""
    names = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert not names & sys.stdlib_module_names
