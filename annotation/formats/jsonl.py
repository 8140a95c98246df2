"""JSONL: one JSON object a line, in UTF-8."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats.contract import UNSTORABLE, BadRow, FileOptions, Record, Row, excerpt
from annotation.formats.text_stream import Lines, line_encoding
from annotation.json_values import ENCODER, is_storable, parse_json
from annotation.lazy_text import LazyText as _


def parse_object(line: str) -> dict[str, Any]:
    """Return the object on a line, or raise ValueError that says what is wrong."""
    value = parse_json(line)
    if not isinstance(value, dict):
        raise ValueError("it is not an object in braces { }")
    return value


def lift_nested(fields: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the columns of an object, those of the object under `key` beside its own; unchanged where there is none.

    >>> lift_nested({"id": 1, "data": {"text": "a"}}, "data")
    {'id': 1, 'text': 'a'}
    """
    inner = fields.get(key) if key else None
    if not isinstance(inner, dict):
        return fields
    return {**{name: value for name, value in fields.items() if name != key}, **inner}


class JsonlReader:
    def __init__(self, stream: IO[bytes], options: FileOptions) -> None:
        self._lines = Lines(stream, options)
        self._inside = options.inside

    @property
    def position(self) -> int:
        return self._lines.position

    def __iter__(self) -> Iterator[Row]:
        lines, row = self._lines, 0
        for line in lines:
            if line.isspace():
                continue
            row += 1
            yield self._parse_row(row, line)
            lines.fault = ""

    def _parse_row(self, row: int, line: str) -> Row:
        if self._lines.fault:
            return BadRow(row, self._lines.fault, excerpt(line))
        try:
            fields = parse_object(line)
        except ValueError as error:
            return BadRow(row, _("The line is not valid JSON: %(error)s.", error=str(error)[:250]), excerpt(line))
        # Only an escape can smuggle in what the file itself cannot hold.
        if "\\u" in line and not is_storable(fields):
            return BadRow(row, UNSTORABLE, excerpt(line))
        return Record(row, lift_nested(fields, self._inside))


class Jsonl:
    name = "jsonl"
    title = "JSONL"
    suffix = ".jsonl"
    content_type = "application/x-ndjson; charset=utf-8"

    def columns(self, sample: bytes, options: FileOptions) -> list[str]:
        names: dict[str, None] = {}
        for line in sample.decode(line_encoding(options), "replace").split("\n"):
            try:
                names.update(dict.fromkeys(lift_nested(parse_object(line), options.inside)))
            except ValueError:
                continue
        if not names:
            message = _("No line of the file is a JSON object. JSONL has one object in braces { } a line.")
            raise ImportRefused(message)
        return list(names)

    def read(self, stream: IO[bytes], options: FileOptions) -> JsonlReader:
        return JsonlReader(stream, options)

    def write(self, records: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
        encode = ENCODER.encode
        for record in records:
            yield encode({name: record[name] for name in columns if name in record}) + "\n"
