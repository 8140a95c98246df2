"""The serializers of the OpenAPI document, made from the dataclasses that the views answer with.

They describe and never run: the views write their objects with `as_plain_data`.
"""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeAlias, get_args
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.api.deprecation import DeprecatedName
from annotation.api.response_objects import ObjectField, TypeHint, object_fields, origin_of, split_optional

AnyField: TypeAlias = serializers.Field[Any, Any, Any, Any]


@extend_schema_field({"type": "string", "nullable": True, "description": "Always null."})
class NullField(serializers.Field[Any, Any, Any, Any]):
    """Always null; OpenAPI 3.0 has no type for that, so that it says a text or null."""


BASIC_FIELDS: Mapping[Any, type[AnyField]] = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    bool: serializers.BooleanField,
    datetime: serializers.DateTimeField,
    UUID: serializers.UUIDField,
    Any: serializers.JSONField,
    type(None): NullField,
}


# No docstring, as it would be the description of every answer's class that has none.
class ResponseSerializer(serializers.Serializer[Any]):
    deprecated_names: ClassVar[Mapping[str, DeprecatedName]] = {}  # {old name: what replaces it}


@cache
def serializer_of(cls: type) -> type[ResponseSerializer]:
    """Return the serializer class of a dataclass, of the same name: a component of the document."""
    made: dict[str, Any] = {one.name: _serializer_field(one) for one in object_fields(cls)}
    has_docstring = not (cls.__doc__ or "").startswith(f"{cls.__name__}(")  # else it is the signature
    made["__doc__"] = cls.__doc__ if has_docstring else ""
    made["deprecated_names"] = {
        one.doc.deprecated_name: DeprecatedName(one.name, one.doc.deprecated_values)
        for one in object_fields(cls)
        if one.doc.deprecated_name
    }
    return type(cls.__name__, (ResponseSerializer,), made)


@cache
def page_serializer_of(cls: type) -> type[ResponseSerializer]:
    """Return the serializer class of a page of a list: its rows, and the addresses of the pages beside it."""
    made = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializer_of(cls)(many=True),
    }
    return type(f"{cls.__name__.removesuffix('Out')}Page", (ResponseSerializer,), made)


def _serializer_field(one: ObjectField) -> AnyField:
    options: dict[str, Any] = {"help_text": one.doc.text, "allow_null": one.nullable, "required": not one.optional}
    if one.doc.choices:
        return serializers.ChoiceField(choices=list(one.doc.choices), **options)
    return _typed_field(one.type, options)


def _typed_field(hint: TypeHint, options: Mapping[str, Any]) -> AnyField:
    if is_dataclass(hint):
        return serializer_of(hint)(**options)  # type: ignore[arg-type]
    if origin_of(hint) is list:
        (inner,) = get_args(hint)
        if is_dataclass(inner):
            return serializer_of(inner)(many=True, **options)  # type: ignore[arg-type]
        return serializers.ListField(child=_child_field(inner), **options)
    if origin_of(hint) is dict:
        return serializers.DictField(child=_child_field(get_args(hint)[1]), **options)
    return BASIC_FIELDS[hint](**options)


def _child_field(hint: TypeHint) -> AnyField:
    bare, nullable, _optional = split_optional(hint)
    return _typed_field(bare, {"allow_null": nullable})
