"""The tables of docs/settings.md, in Markdown, made of what the settings say of themselves."""

import json
from typing import Any

from annotation.project_settings.groups import all_settings
from annotation.project_settings.setting_types import ChoiceSetting, Setting


def settings_table() -> str:
    """Return a row for every setting: its name, default, what is allowed, what it means."""
    rows = [
        f"| `{setting.name}` | {_default_text(setting)} | {setting.allowed_description()} | {setting.help} |"
        for setting in all_settings().values()
    ]
    return "\n".join(["| name | default | allowed | meaning |", "| --- | --- | --- | --- |", *rows])


def choices_table() -> str:
    """Return a row for every choice of the settings that explain theirs."""
    rows = [
        f"| `{setting.name}` | `{choice}` | {sentence} |"
        for setting in all_settings().values()
        if isinstance(setting, ChoiceSetting)
        for choice, sentence in setting.explanations.items()
    ]
    return "\n".join(["| setting | choice | what it is |", "| --- | --- | --- |", *rows])


def _default_text(setting: Setting[Any]) -> str:
    """Return the default, and what it is instead under other goals: always, where it cannot be set there."""
    others = [
        f"{'' if setting.is_for_goal(goal) else 'always '}{_value_text(value)} with `{goal}`"
        for goal, value in setting.by_goal.items()
    ]
    return ", ".join([_value_text(setting.default), *others])


def _value_text(value: object) -> str:
    if value in (None, "", ()):
        return "empty"
    return f"`{json.dumps(value)}`" if isinstance(value, bool) else f"`{value}`"
