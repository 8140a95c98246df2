"""Plain text: each line that is not blank is an item, whatever commas and quotation marks it holds."""

from collections.abc import Iterator
from typing import IO

from annotation.formats.contract import BadRow, FileOptions, Record, Row, excerpt
from annotation.formats.text_stream import Lines
from annotation.lazy_text import LazyText as _

COLUMN = "text"


class LinesReader:
    def __init__(self, stream: IO[bytes], options: FileOptions) -> None:
        self._lines = Lines(stream, options)

    @property
    def position(self) -> int:
        return self._lines.position

    def __iter__(self) -> Iterator[Row]:
        row = 0
        for line in self._lines:
            text = line.strip()
            if text or self._lines.fault:
                row += 1
                fault = self._lines.fault
                yield BadRow(row, fault, excerpt(line)) if fault else Record(row, {COLUMN: text})
            self._lines.fault = ""


class PlainLines:
    """The format; it is only read."""

    name = "lines"
    title: str = _("Text, one item a line")

    def columns(self, sample: bytes, options: FileOptions) -> list[str]:
        return [COLUMN]

    def read(self, stream: IO[bytes], options: FileOptions) -> LinesReader:
        return LinesReader(stream, options)
