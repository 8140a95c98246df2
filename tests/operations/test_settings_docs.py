"""docs/settings.md names every setting, and no other."""

import ast
import json
import re
from pathlib import Path

import pytest

from annotation.project_settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
INSTALLATION, _OTHERS = (ROOT / "docs/settings.md").read_text(encoding="utf-8").split("## Of a project")
PROJECT, CHOICES = _OTHERS.split("### Choices")
READERS = {"env_str", "env_bool", "env_int", "env_list"}


def rows(text: str) -> dict[str, list[str]]:
    """The table's rows: name -> the other cells."""
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, flags=re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in found}


def read_from_the_environment() -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "alproject").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
                names.add(ast.literal_eval(node.args[0]))
    return names


def test_every_setting_of_an_installation_is_explained() -> None:
    assert set(rows(INSTALLATION)) == read_from_the_environment()


def test_the_environment_is_read_by_the_typed_readers_only() -> None:
    """Otherwise the test above would miss a setting."""
    found = []
    for place in ("alproject", "annotation", "learner"):
        for path in (ROOT / place).rglob("*.py"):
            if re.search(r"os\.getenv|os\.environ(\.get\(|\[)", path.read_text(encoding="utf-8")):
                found.append(path.relative_to(ROOT).as_posix())
    assert found == ["alproject/environment.py"]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_project_setting_is_explained(name: str) -> None:
    setting = SETTINGS[name]
    default, allowed, meaning = rows(PROJECT)[name]
    if isinstance(setting.default, bool):
        assert (default, allowed) == (f"`{json.dumps(setting.default)}`", "true, false")
        assert meaning == setting.help
        return
    assert default == ("empty" if setting.default in (None, "") else f"`{setting.default}`")
    if setting.of_labels:
        assert allowed == "a label's name"
    elif setting.default == "":
        assert allowed == f"text of at most {setting.high:g} characters"
    else:
        assert allowed == (", ".join(setting.choices) or f"{setting.low:g} to {setting.high:g}")
    assert meaning == setting.help


def test_every_choice_is_explained_where_any_is() -> None:
    written = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.*) \|$", CHOICES, flags=re.MULTILINE)
    explained = {name: setting for name, setting in SETTINGS.items() if setting.explained}
    assert set(explained) == {"strategy", "estimator", "features"}
    assert written == [(name, *one) for name, setting in explained.items() for one in setting.explained.items()]
    for setting in explained.values():
        assert list(setting.explained) == list(setting.choices)


def test_no_project_setting_is_explained_that_does_not_exist() -> None:
    assert set(rows(PROJECT)) == set(SETTINGS)


def test_the_compose_example_sets_only_what_exists() -> None:
    names = set(re.findall(r"^(MARGIN_\w+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert names - {"MARGIN_PUBLISH"} <= read_from_the_environment()
