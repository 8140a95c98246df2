"""What a call may bring: strict for JSON, lenient for text.

In a JSON body a key that nobody knows is refused, so that a misspelt option is never ignored, and types are what JSON
says they are: "3" is no number, 1 is no boolean, 1.0 is no whole number. A form and a query string have nothing but
texts, which are parsed.

A name that was replaced is accepted for one release: `deprecated_names`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.utils.html import is_html_input

from annotation.api.deprecation import DeprecatedName

AnyField = serializers.Field[Any, Any, Any, Any]
STRING_FIELDS = (
    serializers.CharField,
    serializers.ChoiceField,
    serializers.UUIDField,
    serializers.DateTimeField,
)


# The base of all serializers of requests. No docstring, as it would be the description of every one that has none.
class RequestSerializer(serializers.Serializer[Any]):
    deprecated_names: ClassVar[Mapping[str, DeprecatedName]] = {}  # {old name: what replaces it}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping) or is_html_input(data):
            return super().to_internal_value(data)
        body, sent = self._under_new_names(data)
        errors = self._unknown_keys(body) or self._wrong_types(body)
        try:
            if errors:
                raise ValidationError(errors)
            return super().to_internal_value(body)
        except ValidationError as error:
            if isinstance(error.detail, dict):  # told under the name that was sent
                error.detail = {sent.get(name, name): told for name, told in error.detail.items()}
            raise

    def _under_new_names(self, data: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, str]]:
        """Return the body without deprecated names, and {new name: old name} of those that were sent."""
        sent = {by.name: old_name for old_name, by in self.deprecated_names.items() if old_name in data}
        if not sent:
            return data, sent
        body = dict(data)
        for name, old_name in sent.items():
            value = body.pop(old_name)
            if name in body and (body[name] != value or type(body[name]) is not type(value)):
                message = _("This is the old name of “%(name)s”: send one of them.") % {"name": name}
                raise ValidationError({old_name: [ErrorDetail(message, "deprecated")]})
            body[name] = value
        return body, sent

    def _unknown_keys(self, body: Mapping[str, Any]) -> dict[str, Any]:
        unknown = body.keys() - self.fields.keys()
        if not unknown:
            return {}
        message = _("There is no such field. The fields are: %(known)s.") % {"known": ", ".join(self.fields)}
        return {str(name)[:100]: [ErrorDetail(message, "unknown")] for name in unknown}

    def _wrong_types(self, body: Mapping[str, Any]) -> dict[str, Any]:
        fields = self.fields
        return {name: error for name, value in body.items() if (error := _type_error(fields[name], value))}


def _type_error(field: AnyField, value: Any) -> Any:
    """Return what is wrong with the type of a JSON value, in Django REST framework's words; None where it is right.

    Null, and what is no list or object where one belongs, are for the field itself.
    """
    if value is None:
        return None
    if isinstance(field, serializers.ListField):
        errors = (
            {n: error for n, one in enumerate(value) if (error := _type_error(field.child, one))}
            if isinstance(value, list)
            else {}
        )
        return errors or None
    if isinstance(field, serializers.BooleanField):
        right = isinstance(value, bool)
    elif isinstance(field, serializers.IntegerField):
        right = type(value) is int
    elif isinstance(field, serializers.FloatField):
        right = type(value) in (int, float)
    elif isinstance(field, STRING_FIELDS):
        right = isinstance(value, str)
    else:
        return None
    return None if right else [_invalid(field, value)]


def _invalid(field: AnyField, value: Any) -> ErrorDetail:
    code = "invalid_choice" if isinstance(field, serializers.ChoiceField) else "invalid"
    return ErrorDetail(str(field.error_messages[code]).format(input=value, value=value), code)


class RenamedChoiceField(serializers.ChoiceField):
    """One of some values; a value's old name is accepted for one release and becomes the new one."""

    def __init__(self, choices: Any, renamed: Mapping[str, str], **options: Any) -> None:
        """`renamed` is {old value: value}."""
        super().__init__(choices=[*choices, *renamed], **options)
        self._renamed = renamed

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        return self._renamed.get(value, value)
