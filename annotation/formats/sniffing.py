"""Find out how an uploaded file is written down, from its first megabyte."""

import codecs
import gzip
import zlib
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats import column_inference, conll, encodings, foreign_formats, table_shape
from annotation.formats.contract import (
    MAX_FILE_COLUMNS,
    MAX_LINE_BYTES,
    PREVIEW_ROWS,
    SAMPLE_BYTES,
    BadRow,
    FileOptions,
    Record,
    excerpt,
)
from annotation.formats.encodings import EncodingGuess
from annotation.formats.registry import READABLE, TABLES
from annotation.formats.table_shape import DELIMITERS
from annotation.formats.text_stream import (
    GZIP_MAGIC,
    damaged_file_error,
    line_encoding,
    line_too_long,
    open_unpacked_text,
)
from annotation.json_values import parse_json_at
from annotation.lazy_text import LazyText
from annotation.lazy_text import LazyText as _

# What people can choose by hand; detection may find others.
ENCODINGS = (
    *("utf-8", "utf-16", "cp1252", "latin-1", "iso8859-15", "cp1250", "iso8859-2", "cp1251", "koi8-r", "cp1253"),
    *("cp1254", "cp1255", "cp1256", "cp1257", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "cp850", "cp866"),
    "mac_roman",
)
MIN_SAMPLE_LINES = 3  # of a sample: a header, a row, and one more
MAX_EXAMPLES = 5  # of rows that another encoding would read differently
SNIFFED_OBJECTS = 20
INNER_KEY = "data"  # of an object that holds the columns, as in tasks of Label Studio
MAGIC = {
    b"PK\x03\x04": _("an Excel workbook or a ZIP archive: save the sheet as CSV (UTF-8), or unpack the archive"),
    b"\xd0\xcf\x11\xe0": _("an old Excel workbook: save the sheet as CSV (UTF-8)"),
    b"%PDF": _("a PDF"),
    b"{\\rtf": _("a rich text document (RTF): write its texts into a CSV or JSONL file"),
    b"\x89PNG": _("an image"),
    b"\xff\xd8\xff": _("an image"),
    b"PAR1": _("a Parquet file: write it as JSONL or CSV"),
    b"SQLite format 3": _("a database: write the table as CSV"),
    b"BZh": _("a bzip2 archive: unpack it, or pack it with gzip"),
    b"\xfd7zXZ": _("an xz archive: unpack it, or pack it with gzip"),
    b"\x28\xb5\x2f\xfd": _("a zstd archive: unpack it, or pack it with gzip"),
    b"7z\xbc\xaf\x27\x1c": _("a 7-Zip archive: unpack it, or pack it with gzip"),
    b"Rar!": _("a RAR archive: unpack it, or pack it with gzip"),
    b"ARROW1": _("an Arrow (Feather) file: write it as JSONL or CSV"),
    b"\x93NUMPY": _("a NumPy file: write it as CSV"),
    b"\x89HDF": _("an HDF5 file: write the table as CSV"),
    b"Obj\x01": _("an Avro file: write it as JSONL"),
    b"\x80\x04\x95": _("a Python pickle: write it as JSONL or CSV"),
}


@dataclass(frozen=True)
class Hints:
    """What a person says about the file; it goes before what the file looks like. Empty: find out."""

    format: str = "auto"
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None


@dataclass(frozen=True)
class OtherEncoding:
    """Another encoding that the file may be written in."""

    encoding: str
    examples: tuple[tuple[str, str], ...]  # rows, as they are read and as they would be in that encoding
    is_excluded: bool  # the file is hardly in that one


@dataclass(frozen=True)
class Detected:
    """How the file is written down, its first records, and which column is probably what."""

    options: FileOptions
    rows: list[dict[str, Any]]
    mapping: dict[str, Any]
    notes: tuple[LazyText, ...] = ()  # what people should know that was decided for them
    other_encoding: OtherEncoding | None = None
    possible_answers: tuple[str, ...] = ()  # columns that may give answers away


def detect_text_format(stream: IO[bytes], hints: Hints | None = None) -> Detected:
    """Look at the beginning of a file; raises ImportRefused that says what to do."""
    hints = hints or Hints()
    _check_hints(hints)
    raw, whole, packed = _read_unpacked_sample(stream)
    if not raw:
        raise ImportRefused(_("The file is empty: it needs rows of data."))
    guess = _choose_encoding(raw, hints)
    plain = FileOptions(encoding=guess.encoding)
    options = replace(plain, gzip=packed, returns=_has_bare_returns(raw, plain))
    text = _transcode_whole_lines(raw, replace(options, gzip=False), whole=whole)
    notes: list[LazyText] = []
    options = _choose_format(text, options, hints, notes)
    if options.format in ("json", "jsonl"):
        options = _with_inner_columns(text, options, whole=whole)
    options = replace(options, columns=READABLE[options.format].columns(text, options))
    if len(options.columns) > MAX_FILE_COLUMNS:
        raise ImportRefused(_("The file has more than %(count)d columns.", count=MAX_FILE_COLUMNS))
    records = _first_records(text, options)
    options = replace(
        options,
        decimal_comma=column_inference.uses_decimal_comma(records),
        verdict_column=column_inference.find_verdict_column(options.columns, records),
    )
    mapping = column_inference.guess_mapping(options, records)
    if options.verdict_column and mapping["label"]:
        notes.append(
            _(
                "The labels of rows whose “%(column)s” is reject or ignore are not taken: nobody accepted them.",
                column=options.verdict_column,
            )
        )
    rows = [record.fields for record in records[:PREVIEW_ROWS]]
    possible = column_inference.possible_answer_columns(options, records)
    return Detected(options, rows, mapping, tuple(notes), _other_encoding(text, guess), possible)


def _check_hints(hints: Hints) -> None:
    if hints.format not in ("auto", *READABLE):
        raise ImportRefused(_("The format is one of: %(names)s.", names=", ".join(["auto", *READABLE])))
    if hints.delimiter and hints.delimiter not in DELIMITERS:
        raise ImportRefused(_("The delimiter is a comma, a semicolon, a tab or a vertical bar."))
    if hints.encoding and hints.encoding not in ENCODINGS:
        raise ImportRefused(_("The encoding is one of: %(names)s.", names=", ".join(ENCODINGS)))


def _read_sample(stream: IO[bytes]) -> tuple[bytes, bool]:
    """Return the beginning of a stream, at least a line of it, and whether that is all there is."""
    raw = stream.read(SAMPLE_BYTES)
    if len(raw) == SAMPLE_BYTES and raw.count(b"\n") < MIN_SAMPLE_LINES and raw.count(b"\r") < MIN_SAMPLE_LINES:
        raw += stream.read(MAX_LINE_BYTES)
    return raw, not stream.read(1)


def _read_unpacked_sample(stream: IO[bytes]) -> tuple[bytes, bool, bool]:
    """Return the unpacked sample, whether it is whole, and whether it was packed."""
    stream.seek(0)
    packed = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    if not packed:
        return *_read_sample(stream), False
    try:
        return *_read_sample(gzip.GzipFile(fileobj=stream, mode="rb")), True  # type: ignore[arg-type]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged_file_error(error) from error


def _choose_encoding(raw: bytes, hints: Hints) -> EncodingGuess:
    """Return the hinted encoding, or the guessed one; raises ImportRefused for a file that is no text."""
    for magic, what in MAGIC.items():
        if raw.startswith(magic):
            message = _("This is %(what)s. Margin reads CSV, TSV and JSONL files, plain or gzipped.", what=what)
            raise ImportRefused(message)
    if raw[257:262] == b"ustar":
        raise ImportRefused(_("This is a tar archive: upload the files inside, or pack images as ZIP."))
    if hints.encoding == "utf-16" and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return EncodingGuess(encodings.guess_utf16_encoding(raw) or "utf-16-le")
    return EncodingGuess(hints.encoding) if hints.encoding else encodings.guess_encoding(raw)


def _other_encoding(text: bytes, guess: EncodingGuess) -> OtherEncoding | None:
    """Return what the rows would be in the second best encoding; None where there is no other."""
    if not guess.other:
        return None
    lines = encodings.differing_lines(text, guess.encoding, guess.other)
    examples = tuple((excerpt(one), excerpt(other)) for one, other in islice(lines, MAX_EXAMPLES))
    return OtherEncoding(guess.other, examples, is_excluded=guess.is_certain) if examples else None


def _has_bare_returns(raw: bytes, options: FileOptions) -> bool:
    text = open_unpacked_text(BytesIO(raw), options).read(SAMPLE_BYTES)
    return b"\n" not in text and b"\r" in text


def _transcode_whole_lines(raw: bytes, options: FileOptions, *, whole: bool) -> bytes:
    """The whole lines of the sample, transcoded."""
    text = open_unpacked_text(BytesIO(raw), options).read()
    if not whole:
        end = text.rfind(b"\n")
        if end >= 0:
            text = text[: end + 1]
        elif text.lstrip()[:1] not in (b"[", b"{"):
            raise line_too_long()
    if not text.strip():
        raise ImportRefused(_("The file has only blank lines: it needs rows of data."))
    return text


def _choose_format(text: bytes, options: FileOptions, hints: Hints, notes: list[LazyText]) -> FileOptions:
    """Return the options with the format and, for a table, how it is written; adds to `notes` what was decided."""
    name = hints.format
    if name == "auto" and not hints.delimiter:
        name = _non_table_format(text, options, hints)
    elif name in ("auto", "jsonl") and text.lstrip()[:1] == b"[" and _json_format(text, options) == "json":
        name = "json"
    if name in READABLE and name not in TABLES:
        return replace(options, format=name)
    told = table_shape.declared_delimiter(text)
    options = replace(options, skipped=1 if told else table_shape.count_comment_lines(text, options))
    if options.skipped and not told:
        message = _("%(count)d lines that begin with # were skipped: they are comments.", count=options.skipped)
        notes.append(message)
    delimiter = hints.delimiter or ("\t" if name == "tsv" else told or table_shape.find_delimiter(text, options))
    options = replace(options, format="tsv" if delimiter == "\t" else "csv", delimiter=delimiter)
    if hints.header is not None:
        return replace(options, header=hints.header)
    header, note = table_shape.detect_header(text, options)
    notes += [note] if note else []
    if hints.format == "auto" and table_shape.is_plain_text(text, options, header=header):
        return replace(options, format="lines")
    return replace(options, header=header)


def _non_table_format(text: bytes, options: FileOptions, hints: Hints) -> str:
    """Return the format of what shows that it is no table; else it may be one. Raises ImportRefused for another."""
    if name := _json_format(text, options):
        return name
    head = text[: 256 * 1024].decode(line_encoding(options), "replace")
    if conll.looks_like_conll(head):
        return "conll"
    if hints.header is None:  # a person who says what the first line is has seen the file
        foreign_formats.refuse_foreign_text(head)
    return "auto"


def _json_format(text: bytes, options: FileOptions) -> str:
    """Return the format of objects; nothing for what is none. Raises ImportRefused for lists of other things."""
    start = text.lstrip()
    if start[:1] not in (b"[", b"{"):
        return ""
    head = start[:MAX_LINE_BYTES].decode(line_encoding(options), "replace")
    if head.startswith("{"):
        return "json" if _first_object_spans_lines(head) else "jsonl"
    try:
        first, _end = parse_json_at(head, len(head) - len(head[1:].lstrip()))
    except ValueError:
        return ""
    if isinstance(first, dict):
        return "json"
    if isinstance(first, list | str | int | float):
        raise ImportRefused(
            _(
                "This is JSON, but lists without names of columns. Write objects, such as "
                '{"text": "…", "label": "…"}: in one array, or one a line.'
            )
        )
    return ""


def _first_object_spans_lines(head: str) -> bool:
    """Whether the first object is not whole in the first line, but further down."""
    try:
        _value, end = parse_json_at(head, 0)
    except ValueError:
        return False
    return "\n" in head[:end].strip()


def _with_inner_columns(text: bytes, options: FileOptions, *, whole: bool) -> FileOptions:
    """Return the options, which say whether the columns are inside an object.

    Raises ImportRefused for the objects of other tools.
    """
    rows = list(islice(READABLE[options.format].read(BytesIO(text), options), SNIFFED_OBJECTS))
    objects = [row.fields for row in rows if isinstance(row, Record)]
    if not objects:
        return options
    foreign_formats.refuse_foreign_object(objects[0], is_alone=whole and len(rows) == 1)
    is_inside = all(isinstance(fields.get(INNER_KEY), dict) for fields in objects)
    if is_inside and not column_inference.has_text_column(objects[0]):
        return replace(options, inside=INNER_KEY)
    return options


def _first_records(text: bytes, options: FileOptions) -> list[Record]:
    """Up to 200 well-formed records of the sample; raises ImportRefused when there is none."""
    rows = list(islice(READABLE[options.format].read(BytesIO(text), options), 200))
    records = [row for row in rows if isinstance(row, Record)]
    if not rows:
        raise ImportRefused(_("The file has names of columns but no rows of data below them."))
    if not records:
        first = next(row for row in rows if isinstance(row, BadRow))
        message = _("None of the first rows can be read. Row %(row)d: %(reason)s", row=first.row, reason=first.reason)
        raise ImportRefused(message)
    return records
