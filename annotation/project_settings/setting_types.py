"""Kinds of project settings: how each is described to people, checked in a JSON body and read from the database.

A setting stands at a field of a `SettingsGroup`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeGuard, TypeVar

from annotation.errors import InvalidSetting
from annotation.lazy_text import LazyText as _

SettingValue = bool | int | float | str | Sequence[str] | None
LabelReference = str | int | None  # a label's name; or, as stored by early versions, its position counted from 1
MAX_LABEL_POSITION = 200
GOAL = "goal"  # the setting on which defaults of others depend, and whether they can be set
DEFAULT_GOAL = "train_model"

V = TypeVar("V", bound=SettingValue)


@dataclass(frozen=True)
class Setting(Generic[V]):
    """One setting as people read it.

    `tasks` are the task types that it is for, `goals` the goals of projects; none means all. In a project of another
    goal it has its default, whatever is stored. `by_goal` has the goals whose default is not `default`.
    """

    default: V
    title: str
    help: str
    tasks: Sequence[str] = field(default=(), kw_only=True)
    goals: Sequence[str] = field(default=(), kw_only=True)
    by_goal: Mapping[str, V] = field(default_factory=dict, kw_only=True)
    name: str = field(default="", kw_only=True)  # that of the field it stands at
    widget: ClassVar[str]  # how a form shows it

    def read(self, stored: Mapping[str, Any], task_type: str) -> V:
        """Return the stored value, which `clean` made; the default where there is none, or none that counts."""
        goal = stored.get(GOAL, DEFAULT_GOAL)
        default = self.default_for(task_type, goal)
        value: V = stored.get(self.name, default) if self.is_for_goal(goal) else default
        return value

    def default_for(self, task_type: str, goal: str) -> V:
        return self.by_goal.get(goal, self.default)

    def is_for_goal(self, goal: str) -> bool:
        """Whether it can be set in a project of this goal."""
        return not self.goals or goal in self.goals

    def clean(self, value: object, task_type: str) -> V:
        """Check a value of a JSON body, strictly by type; raise InvalidSetting that says what is allowed."""
        raise NotImplementedError

    def allowed_description(self) -> str:
        """Say in English what may be set."""
        raise NotImplementedError

    def invalid(self, pattern: str, **values: object) -> InvalidSetting:
        return InvalidSetting(_(pattern, name=self.title, **values), {"setting": self.name})


class BooleanSetting(Setting[bool]):
    widget = "check"

    def clean(self, value: object, task_type: str) -> bool:
        if not isinstance(value, bool):
            raise self.invalid(_("“%(name)s” must be true or false."))
        return value

    def allowed_description(self) -> str:
        return "true, false"


@dataclass(frozen=True, kw_only=True)
class RangeSetting(Setting[V]):
    """A number from `low` to `high`, both included."""

    low: float
    high: float
    step: ClassVar[str]  # of the form's field
    widget = "number"

    def clean_number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.invalid(_("“%(name)s” must be a number."))
        self.check_range(value)
        return float(value)

    def check_range(self, number: float) -> None:
        if not self.low <= number <= self.high:
            raise self.invalid(_("“%(name)s” must be from %(low)s to %(high)s."), low=self.low, high=self.high)

    def allowed_description(self) -> str:
        return f"{self.low:g} to {self.high:g}"


class IntegerSetting(RangeSetting[int]):
    step = "1"

    def clean(self, value: object, task_type: str) -> int:
        if not is_whole_number(value):
            raise self.invalid(_("“%(name)s” must be a whole number."))
        self.check_range(value)
        return int(value)


class NumberSetting(RangeSetting[float]):
    step = "any"

    def clean(self, value: object, task_type: str) -> float:
        return self.clean_number(value)


class OptionalNumberSetting(RangeSetting[float | None]):
    """A number that may be left open."""

    step = "any"

    def clean(self, value: object, task_type: str) -> float | None:
        return None if value is None else self.clean_number(value)


@dataclass(frozen=True, kw_only=True)
class TextSetting(Setting[str]):
    max_length: int
    widget = "text"

    def clean(self, value: object, task_type: str) -> str:
        if not isinstance(value, str) or len(value.strip()) > self.max_length or not value.isprintable():
            raise self.invalid(_("“%(name)s” must be a text of at most %(most)d characters."), most=self.max_length)
        return value.strip()

    def allowed_description(self) -> str:
        return f"text of at most {self.max_length} characters"


@dataclass(frozen=True, kw_only=True)
class LinesSetting(Setting[Sequence[str]]):
    """A list of short texts; a form has one a line. Stored as a list without doubles and empty ones."""

    max_lines: int
    max_length: int  # characters of a line
    widget = "lines"

    def clean(self, value: object, task_type: str) -> list[str]:
        lines = value if isinstance(value, list | tuple) else [None]
        texts = [line.strip() for line in lines if isinstance(line, str) and line.isprintable()]
        kept = list(dict.fromkeys(text for text in texts if text))
        if len(texts) < len(lines) or len(kept) > self.max_lines or any(len(text) > self.max_length for text in kept):
            message = _("“%(name)s” must be a list of at most %(most)d texts, each of at most %(length)d characters.")
            raise self.invalid(message, most=self.max_lines, length=self.max_length)
        return kept

    def allowed_description(self) -> str:
        return f"at most {self.max_lines} texts of at most {self.max_length} characters"


@dataclass(frozen=True, kw_only=True)
class ChoiceSetting(Setting[str]):
    """One of some names.

    `choices` has the title of each, `explanations` a sentence about each where they need one. `by_task` says for a
    task type which of them it has, the first being its default; a task type that is not there has all of them.
    """

    choices: Mapping[str, str]
    explanations: Mapping[str, str] = field(default_factory=dict)
    by_task: Mapping[str, Sequence[str]] = field(default_factory=dict)
    widget = "choice"

    def choices_for(self, task_type: str) -> dict[str, str]:
        """Return {value: title} of what a project of this task type may have."""
        return {name: self.choices[name] for name in self.by_task.get(task_type, self.choices)}

    def default_for(self, task_type: str, goal: str) -> str:
        offered = self.by_task.get(task_type)
        return self.by_goal.get(goal, offered[0] if offered else self.default)

    def read(self, stored: Mapping[str, Any], task_type: str) -> str:
        """Return the stored choice; the default where there is none that the task type may have."""
        value = super().read(stored, task_type)
        offered = self.by_task.get(task_type)
        return value if not offered or value in offered else self.default_for(task_type, stored.get(GOAL, DEFAULT_GOAL))

    def clean(self, value: object, task_type: str) -> str:
        offered = self.choices_for(task_type)
        if not isinstance(value, str) or value not in offered:
            raise self.invalid(_("“%(name)s” must be one of: %(choices)s."), choices=", ".join(offered))
        return value

    def allowed_description(self) -> str:
        return ", ".join(self.choices)


@dataclass(frozen=True, kw_only=True)
class LabelSetting(Setting[LabelReference]):
    """A label of the project, by its name; whether there is such a label is checked with the project's labels."""

    empty_title: str = _("None")  # what a list of labels has for none of them
    widget = "choice"

    def clean(self, value: object, task_type: str) -> LabelReference:
        if value in (None, ""):
            return None
        if isinstance(value, str):
            return value
        if not is_whole_number(value):
            raise self.invalid(_("“%(name)s” must be a whole number."))
        if not 1 <= value <= MAX_LABEL_POSITION:
            raise self.invalid(_("“%(name)s” must be from %(low)s to %(high)s."), low=1, high=MAX_LABEL_POSITION)
        return int(value)

    def allowed_description(self) -> str:
        return "a label's name"


def is_whole_number(value: object) -> TypeGuard[int | float]:
    """Whether a JSON value is a whole number, which may be written 2.0; true is none.

    >>> is_whole_number(2), is_whole_number(2.0), is_whole_number(2.5), is_whole_number(True), is_whole_number("2")
    (True, True, False, False, False)
    """
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def resolve_label(reference: LabelReference, names: Sequence[str]) -> str | None:
    """Return which of the labels a setting means; None for none of them.

    >>> resolve_label("ham", ["spam", "ham"]), resolve_label(1, ["spam", "ham"]), resolve_label("eggs", ["spam", "ham"])
    ('ham', 'spam', None)
    """
    if isinstance(reference, str):
        return reference if reference in names else None
    return names[int(reference) - 1] if reference is not None and 1 <= reference <= len(names) else None
