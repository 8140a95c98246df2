"""What the API answers with: a dataclass for each object, typed once.

    @answer_object
    class EstimateOut:
        value: float
        count: Annotated[int, Doc("Answers that it rests on.", deprecated_name="n")]
        low: float | None
        method: str | Absent = ABSENT

From the class come the JSON (`as_plain_data`), the serializer of OpenAPI (`response_serializers`), and, where
other code makes a dictionary, the object itself (`from_mapping`). A name that is deprecated is written down once, at
the field that replaces it: the JSON has both for one release.

Pure. Field types: str, int, float, bool, None, UUID, datetime, Literal, Any, objects, and lists, dictionaries and
Optionals of these.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, TypeAlias, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

T = TypeVar("T")
TypeHint: TypeAlias = Any  # typing has no type for them
Json: TypeAlias = Any


@dataclass_transform(kw_only_default=True)
def response_object(cls: type[T]) -> type[T]:
    """Make a class one that the API answers with. Not frozen, as that triples the cost of making one."""
    return dataclass(slots=True, kw_only=True)(cls)


class Absent(Enum):
    """The default of a field that an answer may leave out."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True)
class Doc:
    """What a field means, as metadata of its type: `Annotated[int, Doc("Bytes.")]`."""

    text: str = ""
    deprecated_name: str = ""  # answered as well for one release
    deprecated_values: Mapping[str, str] = field(default_factory=dict)  # {value: what the old name has instead}
    choices: tuple[str, ...] = ()  # of a text


@dataclass(frozen=True)
class ObjectField:
    """A field of an answer's class: its type without None, Absent and metadata."""

    name: str
    type: TypeHint
    doc: Doc
    nullable: bool
    optional: bool  # may be left out


@cache
def object_fields(cls: type) -> tuple[ObjectField, ...]:
    """Return the fields of a dataclass in their order, base classes first."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_object_field(one.name, hints[one.name]) for one in fields(cls))


def _object_field(name: str, hint: TypeHint) -> ObjectField:
    doc = Doc()
    if origin_of(hint) is Annotated:
        hint, *extras = get_args(hint)
        doc = next(extra for extra in extras if isinstance(extra, Doc))
    bare, nullable, optional = split_optional(hint)
    return ObjectField(name, bare, doc, nullable, optional)


def origin_of(hint: TypeHint) -> object:
    """Return list for list[int]; None for a plain type."""
    return get_origin(hint)


def split_optional(hint: TypeHint) -> tuple[TypeHint, bool, bool]:
    """Return a type without None and Absent, and whether it had each.

    >>> split_optional(int | None)
    (<class 'int'>, True, False)
    """
    if origin_of(hint) not in (Union, types.UnionType):
        return hint, False, False
    parts = get_args(hint)
    kept = [part for part in parts if part not in (type(None), Absent)]
    if len(kept) != 1:
        raise TypeError(f"{hint} is no type of an answer's field.")
    return kept[0], type(None) in parts, Absent in parts


# Objects into JSON


def as_plain_data(value: object) -> Json:
    """Return an object of an answer, or a list of them, as dictionaries under the new and the deprecated names.

    Dates and UUIDs stay: the encoder of the response writes them.
    """
    if isinstance(value, list):
        return [as_plain_data(one) for one in value]
    return _object_encoder(type(value))(value)  # type: ignore[arg-type]


@cache
def _object_encoder(cls: type) -> Callable[[Any], dict[str, Any]]:
    """Return object -> dictionary, made once a class: it runs for every item that is leased."""
    shown = object_fields(cls)
    names = [one.name for one in shown]
    values_of = attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),)
    nested = [(one.name, encode) for one in shown if (encode := _encoder_of(one.type))]
    optional = [one.name for one in shown if one.optional]
    renamed = [
        (one.doc.deprecated_name, one.name, one.doc.deprecated_values) for one in shown if one.doc.deprecated_name
    ]

    def encode_object(row: object) -> dict[str, Any]:
        made = dict(zip(names, values_of(row), strict=True))
        for name in optional:
            if made[name] is ABSENT:
                del made[name]
        for name, encode in nested:
            if (value := made.get(name)) is not None:
                made[name] = encode(value)
        for old_name, name, old_values in renamed:
            if name in made:
                made[old_name] = old_values.get(made[name], made[name]) if old_values else made[name]
        return made

    return encode_object


def _encoder_of(hint: TypeHint) -> Callable[[Any], Any] | None:
    """Return what turns values of a type into JSON; None where they stay as they are."""
    bare, _nullable_too, _optional = split_optional(hint)
    if is_dataclass(bare):
        return _object_encoder(bare)  # type: ignore[arg-type]
    return _element_converter(bare, _encoder_of)


# Dictionaries into objects


def from_mapping(cls: type[T], data: Mapping[str, Any]) -> T:
    """Return the object that a dictionary describes, under new names, deprecated ones or some of each.

    Raises TypeError where a field is missing or the class has no such field.
    """
    made: T = _object_reader(cls)(data)  # type: ignore[arg-type]
    return made


@cache
def _object_reader(cls: type) -> Callable[[Mapping[str, Any]], Any]:
    """Return what makes an object of this class of a JSON object, whose keys and values may have their old names."""
    readers = {one.name: read for one in object_fields(cls) if (read := _reader_of(one.type))}
    new_names = {one.doc.deprecated_name: one.name for one in object_fields(cls) if one.doc.deprecated_name}
    new_values = {
        one.name: {old: new for new, old in one.doc.deprecated_values.items()}
        for one in object_fields(cls)
        if one.doc.deprecated_values
    }

    def read_object(data: Mapping[str, Any]) -> object:
        made = {}
        for key, value in data.items():
            name = new_names.get(key, key)
            read = readers.get(name)
            value = new_values[name].get(value, value) if name in new_values else value
            made[name] = read(value) if read and value is not None else value
        return cls(**made)

    return read_object


def _reader_of(hint: TypeHint) -> Callable[[Any], Any] | None:
    bare, _nullable_too, _optional = split_optional(hint)
    if is_dataclass(bare):
        return _object_reader(bare)  # type: ignore[arg-type]
    return _element_converter(bare, _reader_of)


# Both


def _element_converter(
    hint: TypeHint, convert_of: Callable[[TypeHint], Callable[[Any], Any] | None]
) -> Callable[[Any], Any] | None:
    """Return a function that converts each value of a list or dictionary; None where they stay as they are."""
    if origin_of(hint) not in (list, dict):
        return None
    convert = convert_of(get_args(hint)[-1])
    if convert is None:
        return None
    if origin_of(hint) is list:
        return lambda values: [None if value is None else convert(value) for value in values]
    return lambda values: {key: None if value is None else convert(value) for key, value in values.items()}
