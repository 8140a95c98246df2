"""Groups of settings: a frozen dataclass for each app, whose fields are typed for callers and described for people.

Another app adds its group with `add_group` when it starts, so that `annotation` need not know it.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, replace
from typing import Any, ClassVar, Self, TypeVar

from annotation.errors import InvalidSetting
from annotation.lazy_text import LazyText as _
from annotation.project_settings.setting_types import Setting, SettingValue

METADATA_KEY = "setting"  # of a field of a group: its Setting

V = TypeVar("V", bound=SettingValue)


def setting_field(setting: Setting[V]) -> V:
    """Return a field of a group: callers get its value in its type, people read what the setting says of it."""
    return field(default=setting.default, metadata={METADATA_KEY: setting})


@dataclass(frozen=True)
class SettingsGroup:
    """The settings of one app with the values of one project; `settings` describes each of them, by name."""

    settings: ClassVar[Mapping[str, Setting[Any]]]

    def __init_subclass__(cls) -> None:
        options = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.settings = {name: replace(one.metadata[METADATA_KEY], name=name) for name, one in options.items()}

    @classmethod
    def read(cls, stored: Mapping[str, Any], task_type: str) -> Self:
        """Take what is stored for a project, and defaults for the rest; unknown names are ignored."""
        return cls(**{name: setting.read(stored, task_type) for name, setting in cls.settings.items()})


_groups: list[type[SettingsGroup]] = []


def add_group(group: type[SettingsGroup]) -> None:
    """Let projects have these settings too; no two settings may have the same name."""
    if taken := set(group.settings) & set(all_settings()):
        raise ValueError(f"Settings that exist already: {', '.join(sorted(taken))}.")
    _groups.append(group)


def all_settings() -> dict[str, Setting[Any]]:
    """Return the settings of all groups by name."""
    return {name: setting for group in _groups for name, setting in group.settings.items()}


def clean_settings(values: Mapping[str, object], task_type: str) -> dict[str, SettingValue]:
    """Check a mapping of settings for a project of a task type; unknown names and bad values raise InvalidSetting."""
    if not isinstance(values, Mapping):
        raise InvalidSetting(_("settings must be an object of names and values."))
    known = all_settings()
    if unknown := sorted(set(values) - set(known)):
        message = _("Unknown settings: %(names)s.", names=", ".join(unknown))
        raise InvalidSetting(message, {"known": sorted(known)})
    return {name: known[name].clean(value, task_type) for name, value in values.items()}


def effective_settings(stored: Mapping[str, Any], task_type: str) -> dict[str, SettingValue]:
    """Return all settings of a project by name, defaults included."""
    return {name: setting.read(stored, task_type) for name, setting in all_settings().items()}
