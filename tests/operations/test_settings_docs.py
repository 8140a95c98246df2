"""docs/settings.md names every setting, and no other."""

import ast
import re
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from annotation.project_settings.groups import all_settings
from annotation.project_settings.setting_types import ChoiceSetting

ROOT = Path(__file__).resolve().parents[2]
INSTALLATION, _OTHERS = (ROOT / "docs/settings.md").read_text(encoding="utf-8").split("## Of a project")
PROJECT, CHOICES = _OTHERS.split("### Choices")
READERS = {"env_str", "env_bool", "env_choice", "env_int", "env_list", "env_rate"}


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
    found: list[str] = []
    for place in ("alproject", "annotation", "learner"):
        found += [
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / place).rglob("*.py")
            if re.search(r"os\.getenv|os\.environ(\.get\(|\[)", path.read_text(encoding="utf-8"))
        ]
    assert found == ["alproject/environment.py"]


def test_every_project_setting_and_every_choice_is_explained_as_on_the_settings_page() -> None:
    printed = StringIO()
    call_command("project_settings", stdout=printed)
    settings, choices = printed.getvalue().strip().split("\n\n")
    assert settings in PROJECT
    assert choices in CHOICES
    assert set(rows(PROJECT)) == set(all_settings())
    assert len(choices.splitlines()) == 2 + len(re.findall(r"^\| `", CHOICES, flags=re.MULTILINE))


def test_every_choice_is_explained_where_any_is() -> None:
    chosen = [setting for setting in all_settings().values() if isinstance(setting, ChoiceSetting)]
    explained = {setting.name: setting for setting in chosen if setting.explanations}
    assert set(explained) == {"strategy", "estimator", "features"}
    for setting in explained.values():
        assert list(setting.explanations) == list(setting.choices)


def test_the_compose_example_sets_only_what_exists() -> None:
    names = set(re.findall(r"^(MARGIN_\w+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert names - {"MARGIN_PUBLISH"} <= read_from_the_environment()
