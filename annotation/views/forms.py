"""Forms of pages that change the session itself, and how settings are shown in a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation import project_settings
from annotation.i18n import translated
from annotation.models import User
from annotation.tasktypes import scale


class SignUpForm(forms.Form):
    """An account for whoever holds an invitation; the rules are those of `people.make_user`."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"class": "al-input", "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 8 characters, and not one that everybody uses."),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "new-password"}),
    )


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
        help_text=_("At least 8 characters, and not one that everybody uses."),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "al-input", "autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise forms.ValidationError(_("That is not your password."))
        return old


@dataclass(frozen=True)
class SettingField:
    """One project setting as a form shows it; `kind` is check, choice, text or number.

    `choices` are triples of a value, its title and a sentence about it, which may be empty.
    """

    name: str
    title: str
    help: str
    kind: str
    value: Any
    low: float | None
    high: float | None
    step: str
    choices: tuple[tuple[str, str, str], ...]

    @property
    def explains(self) -> bool:
        return any(sentence for _value, _title, sentence in self.choices)

    @property
    def sentence(self) -> str:
        """About what is chosen."""
        return next((sentence for value, _title, sentence in self.choices if value == self.value), "")

    @property
    def is_share(self) -> bool:
        """Whether it goes up to 1 at most, which people could take for percent."""
        return self.kind == "number" and self.high is not None and self.high <= 1


LABELLING = ("overlap", "lease_minutes", "suggestion", "withhold_share", "spans_overlap")


def setting_fields(
    stored: Mapping[str, Any], labels: Sequence[str], task_type: str = ""
) -> dict[str, list[SettingField]]:
    """Return the fields of all settings with their values, those about labelling and about numbers apart from the rest.

    `labels` are the names to choose from; without any there are no fields that choose one. While the task type is not
    known, settings that depend on it are left out, but for those about numbers: they are what stands for labels.
    """
    specs = project_settings.SETTINGS.items()
    fields = [_field(name, stored, labels, task_type) for name, spec in specs if _is_shown(spec, labels, task_type)]
    numbers = scale.SETTINGS if task_type in ("", *project_settings.NUMBERS) else ()
    return {
        "labelling": [field for field in fields if field.name in LABELLING],
        "numbers": [_field(name, stored, labels, task_type) for name in numbers],
        "learning": [field for field in fields if field.name not in (*LABELLING, *scale.SETTINGS)],
    }


def _is_shown(spec: project_settings.Setting, labels: Sequence[str], task_type: str) -> bool:
    if spec.of_labels and not labels:
        return False
    return task_type in spec.tasks if spec.tasks else bool(task_type) or not spec.by_task


def _field(name: str, stored: Mapping[str, Any], labels: Sequence[str], task_type: str) -> SettingField:
    spec = project_settings.SETTINGS[name]
    kind = {bool: "check", str: "choice" if spec.choices else "text"}.get(type(spec.default), "number")
    value = project_settings.setting(stored, name, task_type)
    choices = tuple(
        (choice, translated(title), translated(spec.explained.get(choice, "")))
        for choice, title in spec.choices_for(task_type).items()
    )
    if spec.of_labels:
        kind, value = "choice", project_settings.label_meant(value, labels)
        choices = (("", str(_("None")), ""), *((label, label, "") for label in labels))
    return SettingField(
        name=name,
        title=translated(spec.title),
        help=translated(spec.help),
        kind=kind,
        value="" if value is None else value,
        low=spec.low,
        high=spec.high,
        step="1" if isinstance(spec.default, int) else "any",
        choices=choices,
    )
