"""JSON: one array of objects, or objects that go over several lines, one behind the other; read a piece at a time."""

import codecs
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import IO

from annotation.errors import ImportRefused
from annotation.formats.contract import (
    MAX_LINE_BYTES,
    UNDECODABLE,
    UNSTORABLE,
    BadRow,
    FileOptions,
    Record,
    Row,
    excerpt,
)
from annotation.formats.jsonl import lift_nested
from annotation.formats.text_stream import line_encoding
from annotation.json_values import is_storable, parse_json_at
from annotation.lazy_text import LazyText as _

PIECE_BYTES = 256 * 1024  # read at once
SAMPLE_RECORDS = 200


class JsonReader:
    def __init__(self, stream: IO[bytes], options: FileOptions) -> None:
        self._stream = stream
        self._options = options
        # what cannot be decoded becomes halves of characters, by which its row is recognised
        self._decoder = codecs.getincrementaldecoder(line_encoding(options))("surrogateescape")
        self.position = 0
        self._text, self._at = "", 0
        self._has_ended = False

    def __iter__(self) -> Iterator[Row]:
        row, in_array = 0, False
        while (char := self._next_char()) and char != "]":
            if char == "," or (char == "[" and not in_array and row == 0):
                in_array = in_array or char == "["
                self._at += 1
                continue
            row += 1
            value, problem = self._next_value()
            if problem:
                yield BadRow(row, problem, excerpt(self._text[self._at : self._at + 1000]))
                return  # where the next value begins is not known
            yield self._make_row(row, value)

    def _next_char(self) -> str:
        """Return the next character that is no white space; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at].isspace():
                self._at += 1
            if self._at < len(self._text) or self._has_ended:
                return self._text[self._at : self._at + 1]
            self._read_more()

    def _read_more(self) -> None:
        """Read a piece that is as long as what is at hand, so that a long value is not tried too often."""
        self._text = self._text[self._at :]
        self._at = 0
        raw = self._stream.read(max(PIECE_BYTES, len(self._text)))
        self.position += len(raw)
        self._has_ended = not raw
        self._text += self._decoder.decode(raw, final=not raw)

    def _next_value(self) -> tuple[object, str]:
        """Return the next value, or why it cannot be read."""
        while True:
            try:
                value, end = parse_json_at(self._text, self._at)
            except ValueError as error:
                if self._has_ended or len(self._text) - self._at > MAX_LINE_BYTES:
                    message = _("The JSON cannot be read from here on: %(error)s.", error=str(error)[:200])
                    return None, message
                self._read_more()
            else:
                self._at = end
                return value, ""

    def _make_row(self, row: int, value: object) -> Row:
        if not isinstance(value, dict):
            return BadRow(row, _("This is not an object in braces { }."), excerpt(str(value)[:1000]))
        if not is_storable(value):
            reason = UNSTORABLE if line_encoding(self._options) != "utf-8" else _(UNDECODABLE, encoding="utf-8")
            return BadRow(row, reason, excerpt(str(value)[:1000]))
        return Record(row, lift_nested(value, self._options.inside))


class Json:
    """The format; it is only read."""

    name = "json"
    title: str = _("JSON (one array)")

    def columns(self, sample: bytes, options: FileOptions) -> list[str]:
        names: dict[str, None] = {}
        for row in islice(JsonReader(BytesIO(sample), options), SAMPLE_RECORDS):
            if isinstance(row, Record):
                names.update(dict.fromkeys(row.fields))
        if not names:
            raise ImportRefused(_("The JSON array has no objects in braces { }: each row is one."))
        return list(names)

    def read(self, stream: IO[bytes], options: FileOptions) -> JsonReader:
        return JsonReader(stream, options)
