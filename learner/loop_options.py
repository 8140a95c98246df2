"""What a lead can set about learning; added to annotation's settings when the app starts."""

from dataclasses import dataclass

from annotation.lazy_text import LazyText as _
from annotation.models import Project
from annotation.project_settings.goal import FIND_ALL, FINDING_TASKS, TRAIN_MODEL
from annotation.project_settings.groups import SettingsGroup, setting_field
from annotation.project_settings.setting_types import (
    ChoiceSetting,
    IntegerSetting,
    LabelSetting,
    NumberSetting,
    OptionalNumberSetting,
    TextSetting,
)
from learner.engine import choice_descriptions, column_kinds
from learner.engine.task_profiles import TASK_PROFILES

FINDING_STRATEGY = "screening"  # of projects that find all items of a label


@dataclass(frozen=True, kw_only=True)
class ColumnKindsSetting(TextSetting):
    """What some columns of a table are: a text of columns and kinds, checked and written in one form."""

    def clean(self, value: object, task_type: str) -> str:
        text = super().clean(value, task_type)
        try:
            return column_kinds.format_column_kinds(column_kinds.parse_column_kinds(text))
        except ValueError as error:
            known = ", ".join(column_kinds.SETTABLE_KINDS)
            message = _(
                "“%(name)s” cannot be read at “%(part)s”: write “column: kind”, the kind being one of %(known)s."
            )
            raise self.invalid(message, part=str(error), known=known) from error

    def allowed_description(self) -> str:
        kinds = ", ".join(column_kinds.SETTABLE_KINDS)
        return f"`column: kind; column: kind`; kinds: {kinds}; at most {self.max_length} characters"


@dataclass(frozen=True)
class LoopOptions(SettingsGroup):
    batch_size: int = setting_field(
        IntegerSetting(
            20,
            _("Batch size"),
            _("How many answers after which the model learns again."),
            low=1,
            high=10000,
            by_goal={FIND_ALL: 10},
        )
    )
    strategy: str = setting_field(
        ChoiceSetting(
            "boltzmann_kmeans",
            _("Strategy"),
            _("How the next items are chosen."),
            choices=choice_descriptions.titles_by_name(choice_descriptions.STRATEGY_DESCRIPTIONS),
            explanations=choice_descriptions.descriptions_by_name(choice_descriptions.STRATEGY_DESCRIPTIONS),
            by_task={name: learner.answers.strategies for name, learner in TASK_PROFILES.items()},
            goals=(TRAIN_MODEL,),
            by_goal={FIND_ALL: FINDING_STRATEGY},
        )
    )
    estimator: str = setting_field(
        ChoiceSetting(
            "auto",
            _("Estimator"),
            _("What learns from the labels."),
            choices=choice_descriptions.titles_by_name(choice_descriptions.ESTIMATOR_DESCRIPTIONS),
            explanations=choice_descriptions.descriptions_by_name(choice_descriptions.ESTIMATOR_DESCRIPTIONS),
            by_task={name: learner.answers.estimators for name, learner in TASK_PROFILES.items()},
        )
    )
    beta: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Beta"),
            _("Sharpness of a draw: 0 is random, large is plain margin. Empty: found for the effective pool."),
            low=0,
            high=1e6,
            goals=(TRAIN_MODEL,),
        )
    )
    beta_end: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Beta at the end"),
            _("Where a schedule that starts at beta ends: the draw sharpens or softens with the labels. Empty: none."),
            low=0,
            high=1e6,
            goals=(TRAIN_MODEL,),
        )
    )
    beta_labels: int = setting_field(
        IntegerSetting(
            500,
            _("Labels of the schedule"),
            _("After how many labels the schedule of beta ends."),
            low=1,
            high=1e6,
            goals=(TRAIN_MODEL,),
        )
    )
    effective_pool: float = setting_field(
        NumberSetting(
            2.0,
            _("Effective pool"),
            _("With beta empty: how many batches' worth of items the draw effectively chooses from."),
            low=1,
            high=10000,
            goals=(TRAIN_MODEL,),
        )
    )
    target_label: str | int | None = setting_field(
        LabelSetting(
            None,
            _("Label to search for"),
            _("With relevance first: whose items are to be found. None: those of the rarest so far."),
            goals=(TRAIN_MODEL,),
        )
    )
    spread_share: float = setting_field(
        NumberSetting(
            0.3,
            _("Share of spread"),
            _("With the mixture: the share of its choices that comes from the cluster spread; margin makes the rest."),
            low=0,
            high=1,
            goals=(TRAIN_MODEL,),
        )
    )
    features: str = setting_field(
        ChoiceSetting(
            "auto",
            _("Features"),
            _("What the model sees of an item; a change is made ready in the background."),
            choices=choice_descriptions.titles_by_name(choice_descriptions.FEATURE_SET_DESCRIPTIONS),
            explanations=choice_descriptions.descriptions_by_name(choice_descriptions.FEATURE_SET_DESCRIPTIONS),
            by_task={name: learner.content.features for name, learner in TASK_PROFILES.items()},
        )
    )
    column_kinds: str = setting_field(
        ColumnKindsSetting(
            "",
            _("Kinds of columns"),
            _(
                "What columns are, where it was found out wrongly: number, category, text, date or leave_out, "
                "as in “age: number; zip: category”. The dashboard lists what each column became."
            ),
            max_length=5000,
            tasks=("records", "record_numbers"),
        )
    )
    test_size: int = setting_field(
        IntegerSetting(
            300,
            _("Test size"),
            _("Items frozen as the random test sample; at most a fifth of all items."),
            low=0,
            high=100000,
            goals=(TRAIN_MODEL,),
            by_goal={FIND_ALL: 0},
        )
    )
    test_share: float = setting_field(
        NumberSetting(
            0.15,
            _("Test share"),
            _("Share of the handed-out items that come from the test sample."),
            low=0,
            high=0.9,
            goals=(TRAIN_MODEL,),
            by_goal={FIND_ALL: 0.0},
        )
    )
    random_share: float = setting_field(
        NumberSetting(
            0.1,
            _("Random share"),
            _("Share of the handed-out items drawn at random, as the control arm."),
            low=0,
            high=0.9,
            goals=(TRAIN_MODEL,),
            by_goal={FIND_ALL: 0.0},
        )
    )
    label_budget: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Label budget"),
            _("How many labels people are to give in all, the test sample's included. Empty: no budget."),
            low=1,
            high=1e9,
        )
    )
    time_budget_hours: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Time budget in hours"),
            _("How many hours people are to spend on answers in all. Empty: no budget."),
            low=0.01,
            high=1e6,
        )
    )
    target_accuracy: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Target accuracy"),
            _(
                "Reached when the lower end of the first figure's 95 percent interval is this high "
                "(accuracy, F1 or mAP@50). Empty: no target."
            ),
            low=0.01,
            high=1,
            goals=(TRAIN_MODEL,),
        )
    )
    target_error: float | None = setting_field(
        OptionalNumberSetting(
            None,
            _("Target error"),
            _("Reached when the upper end of the mean error's 95 percent interval is this low. Empty: no target."),
            low=0,
            high=1e12,
            tasks=tuple(
                name
                for name, learner in TASK_PROFILES.items()
                if any(one.lower_is_better for one in learner.answers.metrics)
            ),
            goals=(TRAIN_MODEL,),
        )
    )
    stop_kappa: float = setting_field(
        NumberSetting(
            0.99,
            _("Kappa of settled models"),
            _("From which agreement on models count as settled: 0.99 is careful, 0.97 balanced, 0.95 early."),
            low=0.5,
            high=1,
            tasks=tuple(name for name, learner in TASK_PROFILES.items() if learner.answers.has_agreement_threshold),
            goals=(TRAIN_MODEL,),
        )
    )
    stop_when: str = setting_field(
        ChoiceSetting(
            "advise",
            _("When a limit is reached"),
            _(
                "What happens when a budget or the target is reached: advise only, or pause, which hands out nothing "
                "new."
            ),
            choices={"advise": _("Advise"), "pause": _("Pause")},
        )
    )
    target_recall: float = setting_field(
        NumberSetting(
            0.95,
            _("Target recall"),
            _("How much of the label has to be found, with 95 percent confidence, before the advice is to stop."),
            low=0.5,
            high=0.99,
            tasks=FINDING_TASKS,
            goals=(FIND_ALL,),
        )
    )
    relevant_label: str | int | None = setting_field(
        LabelSetting(
            None,
            _("Label that is searched for"),
            _("Advice is then about how much of it has been found."),
            goals=(TRAIN_MODEL,),
        )
    )


def loop_options(project: Project) -> LoopOptions:
    """Return how a project learns."""
    return LoopOptions.read(project.settings, project.task_type)
