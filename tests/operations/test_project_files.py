"""Files that a hosting site or a tool reads: right by their schema, and they name only what exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from margin import __version__

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/workflows/verify.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/dependabot.yml": "vendor.dependabot",
}
TEXTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "docs/*.md")


def test_every_file_for_the_hosting_site_is_checked() -> None:
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*.yml")} == set(SCHEMAS)


@pytest.mark.parametrize("file", SCHEMAS)
def test_it_keeps_to_its_schema(file: str) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[file], file]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", [name for name in SCHEMAS if "workflows" in name])
def test_workflows_run_nothing_but_make(file: str) -> None:
    """What CI does can be done anywhere."""
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    jobs = yaml.safe_load((ROOT / file).read_text())["jobs"]
    commands = [step["run"].split() for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands
    assert all(words[0] == "make" and words[1] in targets for words in commands)


def test_the_hooks_run_programs_of_the_development_environment() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    programs = {hook["entry"].split()[0] for hook in repository["hooks"]}
    assert programs
    missing = {
        name for name in programs if not (Path(sys.executable).parent / name.removeprefix(".venv/bin/")).exists()
    }
    assert not missing


@pytest.mark.parametrize("path", [path for pattern in TEXTS for path in ROOT.glob(pattern)], ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def test_the_changelog_knows_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ in headings or ".dev" in __version__
