"""What a project is for: to train a model, or to find all items of one label (screening)."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.lazy_text import LazyText as _
from annotation.project_settings.groups import SettingsGroup, setting_field
from annotation.project_settings.setting_types import (
    DEFAULT_GOAL,
    ChoiceSetting,
    LabelSetting,
    LinesSetting,
    TextSetting,
)
from annotation.tasktypes import TASK_TYPES
from annotation.tasktypes.answers import SingleLabel

TRAIN_MODEL, FIND_ALL = DEFAULT_GOAL, "find_all"
MAX_REASONS, MAX_REASON_CHARACTERS = 50, 120
# an item either is of the label or it is not: its answer is one of some labels that the project made
FINDING_TASKS = tuple(
    name for name, kind in TASK_TYPES.items() if type(kind.answer) is SingleLabel and not kind.built_in_labels
)


@dataclass(frozen=True)
class GoalOptions(SettingsGroup):
    goal: str = setting_field(
        ChoiceSetting(
            TRAIN_MODEL,
            _("Goal"),
            _(
                "What the project is for. Ranking, test sample and figures follow from it; answers stay when you "
                "change it."
            ),
            choices={TRAIN_MODEL: _("Train a model"), FIND_ALL: _("Find all items of one label")},
            by_task={name: (TRAIN_MODEL,) for name in TASK_TYPES if name not in FINDING_TASKS},
        )
    )
    label_to_find: str | int | None = setting_field(
        LabelSetting(
            None,
            _("Label to find"),
            _("Items of this label are to be found, all of them. Empty: the first label."),
            empty_title=_("The first label"),
            tasks=FINDING_TASKS,
            goals=(FIND_ALL,),
        )
    )
    topic: str = setting_field(
        TextSetting(
            "",
            _("Topic"),
            _(
                "A sentence about what you are looking for. Items most like it come first until there are answers. "
                "Leave it empty if you import items that you know are relevant."
            ),
            max_length=1000,
            tasks=FINDING_TASKS,
            goals=(FIND_ALL,),
        )
    )
    exclusion_reasons: Sequence[str] = setting_field(
        LinesSetting(
            (),
            _("Reasons for exclusion"),
            _("One per line. Annotators can add one to an answer that excludes an item. No model learns from them."),
            max_lines=MAX_REASONS,
            max_length=MAX_REASON_CHARACTERS,
            tasks=FINDING_TASKS,
            goals=(FIND_ALL,),
        )
    )

    @property
    def finds_all(self) -> bool:
        return self.goal == FIND_ALL
