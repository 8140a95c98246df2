"""Forms of pages that change the session itself, and how settings are shown in a form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotation.accounts.creation import check_password_rules
from annotation.accounts.passwords import WrongCredentials, change_password, user_by_password
from annotation.errors import InvalidRequest
from annotation.i18n import translate
from annotation.models import User
from annotation.project_settings.goal import FIND_ALL, TRAIN_MODEL, GoalOptions
from annotation.project_settings.groups import all_settings
from annotation.project_settings.labelling import SCALE_TASKS, LabellingOptions
from annotation.project_settings.setting_types import (
    DEFAULT_GOAL,
    GOAL,
    ChoiceSetting,
    LabelSetting,
    LinesSetting,
    RangeSetting,
    Setting,
    SettingValue,
    TextSetting,
    resolve_label,
)

LONG_TEXT_CHARACTERS = 100


class SignUpForm(forms.Form):
    """An account for whoever holds an invitation; the rules are those of `creation.make_user`."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"class": "al-input", "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters, and not one that everybody uses."),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "new-password"}),
    )


class SignInForm(AuthenticationForm):
    """Django's form, by the one way to a user that is counted; raises TooManyAttempts."""

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if self.request and username and password:
            try:
                self.user_cache = user_by_password(self.request, username, password)
            except WrongCredentials:
                raise self.get_invalid_login_error() from None
        return self.cleaned_data


class PasswordForm(forms.Form):
    """The old password and a new one."""

    old = forms.CharField(
        label=_("Password now"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters, and not one that everybody uses."),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "new-password"}),
    )


class NewPasswordForm(forms.Form):
    """A new password for whoever holds a link to set one."""

    new = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters, and not one that everybody uses."),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "new-password"}),
    )

    def __init__(self, user: User, data: QueryDict | None = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(data, label_suffix="")

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        try:
            check_password_rules(new, self.user, "new")
        except InvalidRequest as error:
            raise forms.ValidationError(error.message) from None
        return new

    def save(self) -> User:
        change_password(self.user, self.cleaned_data["new"])
        return self.user


class EmailForm(forms.Form):
    """An address for links that set a new password; with the password, as it opens the account."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("A link to set a new password is sent there. You may leave it empty."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"class": "al-input", "autocomplete": "email"}),
    )
    old = forms.CharField(
        label=_("Password now"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "current-password", "id": "id_now"}),
    )


class AddressForm(forms.Form):
    """Where a link to set a new password is sent."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "al-input", "autocomplete": "email"}),
    )


@dataclass(frozen=True)
class SettingField:
    """One project setting as a form shows it; `kind` is check, choice, text or number.

    `choices` are triples of a value, its title and a sentence about it, which may be empty.
    """

    name: str
    title: str
    help: str
    kind: str
    value: SettingValue = None
    low: float | None = None
    high: float | None = None
    step: str = ""
    max_length: int | None = None
    goal: str = ""  # of the project
    goals: str = ""  # of projects in which it can be set, separated by spaces; "": all
    defaults_by_goal: str = ""  # JSON: its default by goal, where that depends on the goal
    choices: tuple[tuple[str, str, str], ...] = ()

    @property
    def explains(self) -> bool:
        return any(sentence for _value, _title, sentence in self.choices)

    @property
    def sentence(self) -> str:
        """About what is chosen."""
        return next((sentence for value, _title, sentence in self.choices if value == self.value), "")

    @property
    def is_long(self) -> bool:
        """Whether it is a text of more than some words."""
        return self.kind == "text" and (self.max_length or 0) > LONG_TEXT_CHARACTERS

    @property
    def is_for_goal(self) -> bool:
        return not self.goals or self.goal in self.goals.split()

    @property
    def is_share(self) -> bool:
        """Whether it goes up to 1 at most, which people could take for percent."""
        return self.kind == "number" and self.high is not None and self.high <= 1


def setting_fields(
    stored: Mapping[str, Any], labels: Sequence[str], task_type: str = ""
) -> dict[str, list[SettingField]]:
    """Return the fields of all settings with their values: about the goal, labelling, numbers, of other apps.

    `labels` are the names to choose from; without any there are no fields that choose one. While the task type is not
    known, settings that depend on it are left out, but for those about numbers, which are what stands for labels, and
    those about the goal.
    """
    parts: dict[str, list[SettingField]] = {"goal": [], "labelling": [], "numbers": [], "learning": []}
    for setting in all_settings().values():
        part = _form_part(setting)
        if _is_shown(setting, labels, task_type) or (not task_type and part in ("goal", "numbers")):
            parts[part].append(_setting_field(setting, stored, labels, task_type))
    return parts


def _form_part(setting: Setting[Any]) -> str:
    if setting.name in GoalOptions.settings:
        return "goal"
    if setting.name not in LabellingOptions.settings:
        return "learning"
    return "numbers" if setting.tasks == SCALE_TASKS else "labelling"


def _is_shown(setting: Setting[Any], labels: Sequence[str], task_type: str) -> bool:
    if isinstance(setting, LabelSetting) and not labels:
        return False
    if setting.tasks:
        return task_type in setting.tasks
    return bool(task_type) or not (isinstance(setting, ChoiceSetting) and setting.by_task)


def _defaults_by_goal(setting: Setting[Any]) -> str:
    if setting.goals or not setting.by_goal:
        return ""
    return json.dumps({goal: setting.by_goal.get(goal, setting.default) for goal in (TRAIN_MODEL, FIND_ALL)})


def _setting_field(
    setting: Setting[Any], stored: Mapping[str, Any], labels: Sequence[str], task_type: str
) -> SettingField:
    value = setting.read(stored, task_type)
    shown = SettingField(
        setting.name,
        translate(setting.title),
        translate(setting.help),
        setting.widget,
        goal=stored.get(GOAL, DEFAULT_GOAL),
        goals=" ".join(setting.goals),
        defaults_by_goal=_defaults_by_goal(setting),
    )
    if isinstance(setting, LinesSetting):
        return replace(shown, value="\n".join(value))
    if isinstance(setting, LabelSetting):
        choices = (("", translate(setting.empty_title), ""), *((label, label, "") for label in labels))
        return replace(shown, value=resolve_label(value, labels) or "", choices=choices)
    if isinstance(setting, ChoiceSetting):
        choices = tuple(
            (choice, translate(title), translate(setting.explanations.get(choice, "")))
            for choice, title in setting.choices_for(task_type).items()
        )
        return replace(shown, value=value, choices=choices)
    if isinstance(setting, RangeSetting):
        return replace(
            shown, value="" if value is None else value, low=setting.low, high=setting.high, step=setting.step
        )
    return replace(shown, value=value, max_length=setting.max_length if isinstance(setting, TextSetting) else None)
