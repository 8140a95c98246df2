"""Settings by kind: strict about types, described by their fields, with defaults for what is not stored."""

from dataclasses import dataclass, fields

import pytest

from annotation.errors import InvalidSetting
from annotation.models import Project
from annotation.project_settings import groups
from annotation.project_settings.groups import SettingsGroup, add_group, all_settings, clean_settings, setting_field
from annotation.project_settings.labelling import LabellingOptions
from annotation.project_settings.setting_types import IntegerSetting
from learner.loop_options import LoopOptions, loop_options

TEXTS = "text_classification"


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("overlap", 3, 3),
        ("overlap", 3.0, 3),
        ("withhold_share", 0, 0.0),
        ("spans_overlap", True, True),
        ("number_step", None, None),
        ("number_unit", " € ", "€"),
        ("suggestion", "after", "after"),
        ("beta", 2, 2.0),
        ("target_label", "", None),
        ("target_label", None, None),
        ("target_label", "spam", "spam"),
    ],
)
def test_a_value_is_stored_in_the_type_of_its_setting(name: str, value: object, stored: object) -> None:
    cleaned = clean_settings({name: value}, TEXTS)[name]
    assert (cleaned, type(cleaned)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("overlap", value) for value in ("3", True, 3.5, None, float("nan"), float("inf"), [3], 0, 11, 10**400)],
        *[("withhold_share", value) for value in ("0.1", False, None, "", 0.6, float("nan"))],
        *[("spans_overlap", value) for value in (1, 0, "true", None)],
        *[("number_step", value) for value in ("", "1", True, 0)],
        *[("number_unit", value) for value in (None, 5, "x" * 21, "a\nb")],
        *[("suggestion", value) for value in (None, 1, "seen", ["shown"])],
        *[("target_label", value) for value in (True, 1.5, 0, 201, ["spam"])],
        ("strategy", "new_users"),  # for ratings alone
    ],
)
def test_another_type_or_a_value_out_of_range_is_refused_and_the_setting_named(name: str, value: object) -> None:
    with pytest.raises(InvalidSetting) as refused:
        clean_settings({name: value}, TEXTS)
    assert refused.value.details == {"setting": name}
    assert f"“{all_settings()[name].title}” must be" in str(refused.value)


def test_unknown_names_are_refused_on_writing_and_ignored_on_reading() -> None:
    with pytest.raises(InvalidSetting, match="Unknown settings: nonsense"):
        clean_settings({"nonsense": 1, "overlap": 2}, TEXTS)
    assert LabellingOptions.read({"nonsense": 1, "overlap": 2}, TEXTS) == LabellingOptions(overlap=2)


def test_a_choice_that_the_task_type_has_not_is_read_as_its_default() -> None:
    assert LoopOptions.read({"estimator": "crf"}, "spans").estimator == "crf"
    assert LoopOptions.read({"estimator": "crf"}, TEXTS).estimator == LoopOptions.read({}, TEXTS).estimator == "auto"


def test_each_app_reads_its_own_group_of_a_project() -> None:
    project = Project(task_type=TEXTS, settings={"overlap": 2, "batch_size": 7})
    assert project.options == LabellingOptions(overlap=2)
    assert loop_options(project) == LoopOptions(batch_size=7)


def test_every_field_of_a_group_is_described_and_its_default_can_be_set() -> None:
    for group in (LabellingOptions, LoopOptions):
        assert list(group.settings) == [field.name for field in fields(group)]
        for name, setting in group.settings.items():
            assert setting.name == name
            assert setting.title
            assert setting.help
            assert setting.clean(setting.default, "") == setting.default == getattr(group(), name)


def test_two_groups_cannot_have_a_setting_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Taken(SettingsGroup):
        overlap: int = setting_field(IntegerSetting(1, "Overlap", "Of something else.", low=1, high=2))

    @dataclass(frozen=True)
    class Free(SettingsGroup):
        colours: int = setting_field(IntegerSetting(1, "Colours", "How many.", low=1, high=2))

    monkeypatch.setattr(groups, "_groups", list(groups._groups))
    with pytest.raises(ValueError, match="overlap"):
        add_group(Taken)
    add_group(Free)
    assert clean_settings({"colours": 2}, TEXTS) == {"colours": 2}
