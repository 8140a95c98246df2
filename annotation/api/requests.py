"""What a call may bring: strict for JSON, lenient for text.

A key that nobody knows is refused, so that a misspelt option is never ignored. In a JSON body types are what JSON says
they are: "3" is no number, 1 is no boolean, 1.0 is no whole number. A form and a query string have nothing but texts,
which are parsed; there a name without a value, or with two, is refused.

A name that was replaced is accepted for one release: `deprecated_names`.
"""

from collections.abc import Mapping, Sequence, Sized
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar, TypeAlias, cast

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty
from rest_framework.utils.html import is_html_input

from annotation.api.deprecation import DeprecatedName

AnyField: TypeAlias = serializers.Field[Any, Any, Any, Any]
Told: TypeAlias = list[ErrorDetail] | dict[int, Any]  # what is wrong; of a list, by the place of a value
STRINGS = frozenset({str})
# the first that fits; of a list, its values are looked at
JSON_TYPES: tuple[tuple[type[AnyField], frozenset[type]], ...] = (
    (serializers.BooleanField, frozenset({bool})),
    (serializers.IntegerField, frozenset({int})),
    (serializers.FloatField, frozenset({int, float})),
    (serializers.CharField, STRINGS),
    (serializers.ChoiceField, STRINGS),
    (serializers.UUIDField, STRINGS),
    (serializers.DateTimeField, STRINGS),
    (serializers.ListField, frozenset()),
)
MAX_KEY_CHARACTERS = 100  # of an unknown key that is told back
MAX_TOLD_ERRORS = 20  # of one body or list: what is wrong in the same way a thousand times is told so often


# The base of all serializers of requests. No docstring, as it would be the description of every one that has none.
class RequestSerializer(serializers.Serializer[Any]):
    deprecated_names: ClassVar[Mapping[str, DeprecatedName]] = {}  # {old name: what replaces it}

    def to_internal_value(self, data: object) -> dict[str, Any]:
        if is_html_input(data):
            if errors := self._text_errors(cast(QueryDict, data)):
                raise ValidationError(errors)
            return dict(super().to_internal_value(data))
        if not isinstance(data, Mapping):
            return dict(super().to_internal_value(data))
        body, sent = (data, {}) if self.deprecated_names.keys().isdisjoint(data) else self._under_new_names(data)
        try:
            if errors := self._form_errors(body):
                raise ValidationError(errors)
            return dict(super().to_internal_value(body))
        except ValidationError as error:
            if isinstance(error.detail, dict):  # told under the name that was sent
                error.detail = {sent.get(name, name): told for name, told in error.detail.items()}
            raise

    def _under_new_names(self, data: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, str]]:
        """Return the body without deprecated names, and {new name: old name} of those that were sent."""
        sent = {by.name: old_name for old_name, by in self.deprecated_names.items() if old_name in data}
        body = dict(data)
        for name, old_name in sent.items():
            value = body.pop(old_name)
            if name in body and (body[name] != value or type(body[name]) is not type(value)):
                message = _("This is the old name of “%(name)s”: send one of them.") % {"name": name}
                raise ValidationError({old_name: [ErrorDetail(message, "deprecated")]})
            body[name] = value
        return body, sent

    @cached_property
    def _json_types(self) -> dict[str, frozenset[type] | None]:
        return {name: _json_types(field) for name, field in self.fields.items()}

    def _text_errors(self, data: QueryDict) -> dict[str, Any]:
        """Return what is wrong with the names in a form or a query string: unknown, without a value, or with many."""
        errors: dict[str, Any] = {}
        for name in data:
            field = self.fields.get(name)
            if field is None:
                errors.update(self._unknown_name_error(name))
            elif data[name] == "" and not (field.allow_null or getattr(field, "allow_blank", False)):
                errors[name] = [ErrorDetail(_("It has no value: give one, or leave it out."), "blank")]
            elif len(data.getlist(name)) > 1 and not isinstance(field, serializers.ListField):
                errors[name] = [ErrorDetail(_("It stands there more than once."), "repeated")]
        return errors

    def _unknown_name_error(self, name: object) -> dict[str, Any]:
        known = ", ".join(self.fields)
        message = (
            _("There is no such field. The fields are: %(known)s.") % {"known": known}
            if known
            else _("There is no such field: this call takes none.")
        )
        return {str(name)[:MAX_KEY_CHARACTERS]: [ErrorDetail(message, "unknown")]}

    def _form_errors(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is wrong with keys and types, before any value is looked at."""
        errors: dict[str, Any] = {}
        types = self._json_types
        for name, value in body.items():
            if len(errors) >= MAX_TOLD_ERRORS:
                break
            if name not in types:
                errors.update(self._unknown_name_error(name))
                continue
            allowed_description = types[name]
            if (
                allowed_description is not None
                and type(value) not in allowed_description
                and (told := _type_error(self.fields[name], value))
            ):
                errors[name] = told
        return errors


def _json_types(field: AnyField) -> frozenset[type] | None:
    """Return the types that a field's value may have in JSON; None: what they are is for the field to say."""
    return next((types for kind, types in JSON_TYPES if isinstance(field, kind)), None)


def _type_error(field: AnyField, value: object) -> Told | None:
    """Return what is wrong with the type of a JSON value, in Django REST framework's words; None where it is right.

    Null, and what is no list where one belongs, are for the field itself.
    """
    if value is None:
        return None
    if isinstance(field, serializers.ListField):
        if not isinstance(value, list) or _is_too_long(field, value):
            return None
        wrong = ((n, told) for n, one in enumerate(value) if (told := _type_error(field.child, one)))
        return dict(islice(wrong, MAX_TOLD_ERRORS)) or None
    allowed_description = _json_types(field)
    if allowed_description is None or type(value) in allowed_description:
        return None
    code = "invalid_choice" if isinstance(field, serializers.ChoiceField) else "invalid"
    return [ErrorDetail(str(field.error_messages[code]).format(input=value, value=value), code)]


def _is_too_long(field: AnyField, value: Sized) -> bool:
    most = getattr(field, "max_length", None)
    return most is not None and len(value) > most


class BoundedListField(serializers.ListField):
    """A list of at most so many values, which are counted before the first is looked at."""

    def __init__(self, *, child: AnyField, max_length: int, **options: Any) -> None:
        super().__init__(child=child, max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> list[Any]:  # noqa: ANN401
        if isinstance(data, list) and _is_too_long(self, data):
            return data  # its validator refuses it
        return list(super().to_internal_value(data))


class BoundedDictField(serializers.DictField):
    """An object of at most so many names, which are counted before the first is looked at."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**options)
        self.max_length = max_length

    def to_internal_value(self, data: Any) -> dict[str, Any]:  # noqa: ANN401
        if isinstance(data, dict) and _is_too_long(self, data):
            message = _("There are more than %(count)d names.") % {"count": self.max_length}
            raise ValidationError(message, "max_length")
        return dict(super().to_internal_value(data))


class RenamedChoiceField(serializers.ChoiceField):
    """One of some values; a value's old name is accepted for one release and becomes the new one."""

    def __init__(
        self,
        choices: Sequence[str],
        renamed: Mapping[str, str],
        *,
        required: bool = True,
        default: object = empty,
        help_text: str = "",
    ) -> None:
        """`renamed` is {old value: value}."""
        optional = {"required": required} if default is empty else {"default": default}
        super().__init__(choices=[*choices, *renamed], help_text=help_text, **optional)
        self._renamed = renamed

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(cast(str, data))
        return str(self._renamed.get(value, value))
