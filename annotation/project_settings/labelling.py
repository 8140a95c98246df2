"""How people label: the settings of annotation itself."""

from dataclasses import dataclass

from annotation.lazy_text import LazyText as _
from annotation.project_settings.groups import SettingsGroup, setting_field
from annotation.project_settings.setting_types import (
    BooleanSetting,
    ChoiceSetting,
    IntegerSetting,
    NumberSetting,
    OptionalNumberSetting,
    TextSetting,
)
from annotation.tasktypes import TASK_TYPES
from annotation.tasktypes.answers.number_scale import MAX_NUMBER


def task_types_with(setting: str) -> tuple[str, ...]:
    """Return the task types whose answers have this setting."""
    return tuple(name for name, kind in TASK_TYPES.items() if setting in kind.answer.settings)


SCALE_TASKS = task_types_with("number_low")


@dataclass(frozen=True)
class LabellingOptions(SettingsGroup):
    overlap: int = setting_field(
        IntegerSetting(1, _("People per item"), _("How many people answer each item."), low=1, high=10)
    )
    lease_minutes: int = setting_field(
        IntegerSetting(
            15,
            _("Minutes in hand"),
            _("How long an item stays in a person's hands without a sign of life."),
            low=1,
            high=1440,
        )
    )
    suggestion: str = setting_field(
        ChoiceSetting(
            "hidden",
            _("Model's suggestion"),
            _(
                "Whether annotators see the model's suggestion: shown, hidden, or after they have answered. Where it "
                "is shown, images can be confirmed many at a time, as a grid."
            ),
            choices={"hidden": _("Hidden"), "shown": _("Shown"), "after": _("After")},
        )
    )
    withhold_share: float = setting_field(
        NumberSetting(
            0.0,
            _("Withheld suggestions"),
            _(
                "Share of the items, drawn at random, whose suggestion stays hidden though the others' are shown: the "
                "dashboard then says what seeing suggestions does to the answers."
            ),
            low=0,
            high=0.5,
        )
    )
    spans_overlap: bool = setting_field(
        BooleanSetting(
            default=False,
            title=_("Overlapping spans"),
            help=_("Whether a stretch of text may have several labels, and spans lie inside each other."),
            tasks=task_types_with("spans_overlap"),
        )
    )
    number_low: float = setting_field(
        NumberSetting(
            0.0,
            _("Lowest number"),
            _("The lowest number that may be given."),
            low=-MAX_NUMBER,
            high=MAX_NUMBER,
            tasks=SCALE_TASKS,
        )
    )
    number_high: float = setting_field(
        NumberSetting(
            100.0,
            _("Highest number"),
            _("The highest number that may be given."),
            low=-MAX_NUMBER,
            high=MAX_NUMBER,
            tasks=SCALE_TASKS,
        )
    )
    number_step: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Step"),
            _("By how much neighbouring numbers differ, such as 1 or 0.5, from the lowest on. Empty: any number."),
            low=1e-9,
            high=MAX_NUMBER,
            tasks=SCALE_TASKS,
        )
    )
    number_near: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Near enough"),
            _(
                "Two numbers that are no farther apart say the same: for agreement, and for the share of answers that "
                "the model gets right. Empty: a twentieth of what lies between the lowest and the highest."
            ),
            low=0,
            high=MAX_NUMBER,
            tasks=SCALE_TASKS,
        )
    )
    number_unit: str = setting_field(
        TextSetting("", _("Unit"), _("Shown behind the number: years, €, %."), max_length=20, tasks=SCALE_TASKS)
    )
