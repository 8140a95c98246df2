"""What a lead can set per project: one visible dict, checked when saved, with defaults when absent.

Other apps add theirs with `SETTINGS.update(...)` when they start; so `annotation` need not know them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.errors import InvalidSetting
from annotation.lazy_text import Words as _
from annotation.tasktypes import TASK_TYPES
from annotation.tasktypes.scale import MOST

# task types whose answers are numbers of a scale
NUMBERS = tuple(name for name, kind in TASK_TYPES.items() if kind.scale is not None)


@dataclass(frozen=True)
class Setting:
    """One project setting: its kind is the type of its default (None: a number that may stay open).

    `choices` are the values of a text, each with its title; a text without any is free and at most `high` long.
    `explained` has a sentence about each of them, where they need one.
    `by_task` says for a task type which of them it has, the first being its default; a task type that is not there has
    all of them. `tasks` are the task types that the setting is for; none: all. The value of one `of_labels` is the name
    of a label of the project, or its place among them, see `label_meant`.
    """

    default: Any
    title: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    by_task: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tasks: Sequence[str] = ()
    of_labels: bool = False

    def choices_for(self, task_type: str) -> dict[str, str]:
        """Return {value: title} of what a project of this task type may have."""
        return {name: self.choices[name] for name in self.by_task.get(task_type, self.choices)}

    def value(self, stored: Mapping[str, Any], name: str, task_type: str) -> Any:
        """Return what is stored under the name; the default where there is nothing that this task type may have."""
        default = next(iter(self.by_task.get(task_type, ())), self.default)
        value = stored.get(name, default)
        return default if task_type in self.by_task and value not in self.by_task[task_type] else value

    def clean(self, name: str, value: Any, task_type: str) -> Any:
        """Return `value` in its proper type, or raise InvalidSetting that says what is allowed."""
        if self.default is None and value in (None, ""):
            return None
        if self.of_labels and isinstance(value, str):
            return value
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise InvalidSetting(_("“%(name)s” must be true or false.", name=self.title), {"setting": name})
            return value
        if isinstance(self.default, str) and not self.choices:
            return self._clean_text(name, value)
        if isinstance(self.default, str):
            if value not in (offered := self.choices_for(task_type)):
                message = _("“%(name)s” must be one of: %(choices)s.", name=self.title, choices=", ".join(offered))
                raise InvalidSetting(message, {"setting": name})
            return value
        return self._clean_number(name, value)

    def _clean_text(self, name: str, value: Any) -> str:
        most = int(self.high or 0)
        if not isinstance(value, str) or len(value.strip()) > most or not value.isprintable():
            message = _("“%(name)s” must be a text of at most %(most)d characters.", name=self.title, most=most)
            raise InvalidSetting(message, {"setting": name})
        return value.strip()

    def _clean_number(self, name: str, value: Any) -> int | float:
        whole = self.of_labels or isinstance(self.default, int)
        try:
            number = int(value) if whole else float(value)
            if isinstance(value, bool) or number != float(value):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            pattern = _("“%(name)s” must be a whole number.") if whole else _("“%(name)s” must be a number.")
            raise InvalidSetting(_(pattern, name=self.title), {"setting": name}) from None
        low = -float("inf") if self.low is None else self.low
        high = float("inf") if self.high is None else self.high
        if not low <= number <= high:
            message = _("“%(name)s” must be from %(low)s to %(high)s.", name=self.title, low=self.low, high=self.high)
            raise InvalidSetting(message, {"setting": name})
        return number


SETTINGS: dict[str, Setting] = {
    "overlap": Setting(1, _("People per item"), _("How many people answer each item."), low=1, high=10),
    "lease_minutes": Setting(
        15,
        _("Minutes in hand"),
        _("How long an item stays in a person's hands without a sign of life."),
        low=1,
        high=1440,
    ),
    "suggestion": Setting(
        "hidden",
        _("Model's suggestion"),
        _(
            "Whether annotators see the model's suggestion: shown, hidden, or after they have answered. Where it is "
            "shown, images can be confirmed many at a time, as a grid."
        ),
        choices={"hidden": _("Hidden"), "shown": _("Shown"), "after": _("After")},
    ),
    "withhold_share": Setting(
        0.0,
        _("Withheld suggestions"),
        _(
            "Share of the items, drawn at random, whose suggestion stays hidden though the others' are shown: the "
            "dashboard then says what seeing suggestions does to the answers."
        ),
        low=0,
        high=0.5,
    ),
    "spans_overlap": Setting(
        False,
        _("Overlapping spans"),
        _("Whether a stretch of text may have several labels, and spans lie inside each other."),
        tasks=("spans",),
    ),
    "number_low": Setting(
        0.0, _("Lowest number"), _("The lowest number that may be given."), low=-MOST, high=MOST, tasks=NUMBERS
    ),
    "number_high": Setting(
        100.0, _("Highest number"), _("The highest number that may be given."), low=-MOST, high=MOST, tasks=NUMBERS
    ),
    "number_step": Setting(
        None,
        _("Step"),
        _("By how much neighbouring numbers differ, such as 1 or 0.5, from the lowest on. Empty: any number."),
        low=1e-9,
        high=MOST,
        tasks=NUMBERS,
    ),
    "number_unit": Setting("", _("Unit"), _("Shown behind the number: years, €, %."), high=20, tasks=NUMBERS),
    "number_near": Setting(
        None,
        _("Near enough"),
        _(
            "Two numbers that are no farther apart say the same: for agreement, and for the share of answers that the "
            "model gets right. Empty: a twentieth of what lies between the lowest and the highest."
        ),
        low=0,
        high=MOST,
        tasks=NUMBERS,
    ),
}


def clean_settings(given: Mapping[str, Any], task_type: str) -> dict[str, Any]:
    """Check a mapping of settings for a project of a task type; unknown names and bad values raise InvalidSetting."""
    if not isinstance(given, Mapping):
        raise InvalidSetting(_("settings must be an object of names and values."))
    unknown = sorted(set(given) - set(SETTINGS))
    if unknown:
        message = _("Unknown settings: %(names)s.", names=", ".join(unknown))
        raise InvalidSetting(message, {"known": sorted(SETTINGS)})
    return {name: SETTINGS[name].clean(name, value, task_type) for name, value in given.items()}


def setting(stored: Mapping[str, Any], name: str, task_type: str) -> Any:
    """Return the stored value of a setting, or its default."""
    return SETTINGS[name].value(stored, name, task_type)


def label_meant(value: Any, names: Sequence[str]) -> str | None:
    """Return which of the labels a setting's value means; None for none of them.

    It is a name, which stays right when labels are moved or retired, or as of old a place counted from 1.
    """
    if isinstance(value, str):
        return value if value in names else None
    return names[int(value) - 1] if value is not None and 1 <= value <= len(names) else None
