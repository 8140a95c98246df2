"""CSV and TSV (RFC 4180): a header line, then one record each; quoted fields may hold line ends."""

import csv
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats.contract import MAX_LINE_BYTES, BadRow, FileOptions, Record, Row, excerpt
from annotation.formats.formula_cells import has_escaped_formulas, unescape_formula
from annotation.formats.text_stream import Lines, line_encoding
from annotation.json_values import cell_text
from annotation.lazy_text import LazyText as _

csv.field_size_limit(MAX_LINE_BYTES)
MAX_REREADS = 200  # records given up half-way whose further lines are read again as rows of their own
MAX_REREAD_CHARACTERS = 4 * MAX_LINE_BYTES  # of all lines that are read again
LINE_CHARACTERS = 100  # that a line counts for beside its own


class _Unclosed(Exception):
    """A record has grown beyond MAX_LINE_BYTES."""


class CsvReader:
    def __init__(self, stream: IO[bytes], options: FileOptions) -> None:
        self._lines = Lines(stream, options)
        self._source = islice(self._lines, options.skipped, None)
        self._delimiter = options.delimiter
        self._header = options.header
        self._columns = options.columns
        self._is_defused = has_escaped_formulas(options.columns)
        self._again: deque[str] = deque()  # lines to be read once more
        self._record: list[str] = []  # lines of the record at hand
        self._rereads = self._reread_characters = 0

    @property
    def position(self) -> int:
        return self._lines.position

    def _feed_new_lines(self) -> Iterator[str]:
        """Lines for csv.reader, noted so that a record that fails can be shown and its further lines read again."""
        record, again, size = self._record, self._again, 0
        for line in self._source:
            size = size + len(line) if record else len(line)
            if size > MAX_LINE_BYTES:
                again.append(line)
                raise _Unclosed
            record.append(line)
            yield line

    def _feed_again(self) -> Iterator[str]:
        while self._again:
            line = self._again.popleft()
            self._record.append(line)
            yield line
        yield from self._feed_new_lines()

    def __iter__(self) -> Iterator[Row]:
        columns, record, lines, row = self._columns, self._record, self._lines, 0
        header, n = self._header, len(self._columns)
        reader = self._new_csv_reader()
        while True:
            broken = ""
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _Unclosed) as error:
                cells, broken = [], self._syntax_fault(error)
                reader = self._new_csv_reader()
            if header:
                header = not cells and not broken
            elif _has_cell_count(cells, n) and not lines.fault:
                row += 1
                if self._is_defused:
                    cells = list(map(unescape_formula, cells))
                yield Record(row, dict(zip(columns, cells, strict=False)))
            elif cells or broken:
                row += 1
                yield BadRow(row, broken or lines.fault or self._cell_count_fault(len(cells)), excerpt(record[0]))
            if broken:
                self._queue_reread()
            lines.fault = ""
            record.clear()

    def _new_csv_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed_again(), delimiter=self._delimiter, strict=True)

    def _cell_count_fault(self, n: int) -> str:
        wanted = len(self._columns)
        if n > wanted:
            pattern = _(
                "The row has %(count)d columns instead of %(wanted)d. "
                "Put a text that holds the delimiter between quotation marks."
            )
        elif n == 1:
            pattern = _("The row has 1 column instead of %(wanted)d.")
        else:
            pattern = _("The row has %(count)d columns instead of %(wanted)d.")
        return _(pattern, count=n, wanted=wanted)

    def _syntax_fault(self, error: Exception) -> str:
        reason = str(error)
        if isinstance(error, _Unclosed) or "unexpected end" in reason or "field larger" in reason:
            if self._may_reread():
                return _("A quotation mark is opened in this row and never closed.")
            return _(
                "A quotation mark is opened in this row and never closed. "
                "The %(count)d lines after it were taken for its text.",
                count=len(self._record),
            )
        if "expected after" in reason:
            return _("There is text after a closing quotation mark; write a quotation mark inside a text twice.")
        return _("The row is not well formed: %(error)s.", error=reason)

    def _queue_reread(self) -> None:
        """The lines after the first of a record that failed may well be rows of their own."""
        if self._may_reread() and len(self._record) > 1:
            self._rereads += 1
            self._reread_characters += self._record_characters()
            self._again.extendleft(reversed(self._record[1:]))

    def _may_reread(self) -> bool:
        if self._rereads >= MAX_REREADS:
            return False
        return self._reread_characters + self._record_characters() <= MAX_REREAD_CHARACTERS

    def _record_characters(self) -> int:
        return sum(map(len, self._record)) + LINE_CHARACTERS * len(self._record)


def _has_cell_count(cells: Sequence[str], n: int) -> bool:
    """Whether a row has n cells; empty ones behind them, of delimiters at the end of a line, do not count."""
    return len(cells) == n or (len(cells) > n > 0 and not any(cells[n:]))


class Csv:
    suffix = ".csv"
    content_type = "text/csv; charset=utf-8"

    def __init__(self, name: str, title: str, delimiter: str, suffix: str, content_type: str) -> None:
        self.name, self.title, self.delimiter = name, title, delimiter
        self.suffix, self.content_type = suffix, content_type

    def columns(self, sample: bytes, options: FileOptions) -> list[str]:
        """Return the names of the columns, made up where the first line has none. Raises ImportRefused."""
        first = next(self.sample_rows(sample, options, 1), [])
        if not first:
            message = _("The file has no rows: it needs a line with the names of the columns, then the data.")
            raise ImportRefused(message)
        names = [name.strip() if options.header else "" for name in first]
        names = [name or f"column {n}" for n, name in enumerate(names, 1)]
        name, count = Counter(names).most_common(1)[0]
        if count > 1:
            message = _("Two columns of the file are called “%(name)s”. Give each a name of its own.", name=name[:60])
            raise ImportRefused(message)
        if has_escaped_formulas(names):
            names = list(map(unescape_formula, names))
        for name in names:
            if len(name) > 200:
                message = _("The first line does not look like names of columns: one is over 200 characters.")
                raise ImportRefused(message)
        return names

    def sample_rows(self, sample: bytes, options: FileOptions, most: int) -> Iterator[list[str]]:
        """Yield up to `most` rows of a sample as they stand, the header included, broken ones left out."""
        text = sample.decode(line_encoding(options), "replace")
        lines = islice(io.StringIO(text, newline=""), options.skipped, None)
        reader = csv.reader(lines, delimiter=options.delimiter)
        while most > 0:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                continue
            if cells:
                most -= 1
                yield cells

    def read(self, stream: IO[bytes], options: FileOptions) -> CsvReader:
        return CsvReader(stream, options)

    def write(self, records: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
        line = _Line()
        writer = csv.writer(line, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow(columns)
        yield line.text
        for record in records:
            get = record.get
            writer.writerow([cell_text(get(name)) for name in columns])
            yield line.text


class _Line:
    """Where csv.writer puts a row."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text
