"""The docs name files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# a record of a decision speaks of the tree as it was then
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PATH = re.compile(r"(?<![\w/.-])((?:alproject|annotation|learner|static|templates|tests|benchmarks|docs)/[\w./-]*\w)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_on_a_page_exists(page: Path) -> None:
    named = set(PATH.findall(page.read_text(encoding="utf-8")))
    assert not sorted(path for path in named if not (ROOT / path).exists())


def test_the_pattern_finds_paths() -> None:
    assert PATH.findall("see `annotation/queue/leasing.py`, `learner/engine/` and docs/leads.md.") == [
        "annotation/queue/leasing.py",
        "learner/engine",
        "docs/leads.md",
    ]
