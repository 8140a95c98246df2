"""Find out how an uploaded file is written down, from its first megabyte."""

import codecs
import gzip
import zlib
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import IO, Any

from charset_normalizer import CharsetMatch, from_bytes

from annotation.errors import ImportRefused
from annotation.formats import column_inference, conll, csv_
from annotation.formats.contract import (
    MAX_FILE_COLUMNS,
    MAX_LINE_BYTES,
    PREVIEW_ROWS,
    SAMPLE_BYTES,
    BadRow,
    FileOptions,
    Record,
)
from annotation.formats.registry import FORMATS, READABLE, TABLES
from annotation.formats.text_stream import GZIP_MAGIC, damaged, line_encoding, line_too_long, unpacked
from annotation.lazy_text import LazyText as _

DELIMITERS = ",;\t|"
# What people can choose by hand; detection may find others.
ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc-kr", "cp1252", "latin-1", "cp1251")
MAGIC = {
    b"PK\x03\x04": _("an Excel workbook or a ZIP archive: save the sheet as CSV (UTF-8), or unpack the archive"),
    b"\xd0\xcf\x11\xe0": _("an old Excel workbook: save the sheet as CSV (UTF-8)"),
    b"%PDF": _("a PDF"),
    b"\x89PNG": _("an image"),
    b"\xff\xd8\xff": _("an image"),
    b"PAR1": _("a Parquet file: write it as JSONL or CSV"),
    b"SQLite format 3": _("a database: write the table as CSV"),
    b"BZh": _("a bzip2 archive: unpack it, or pack it with gzip"),
    b"\xfd7zXZ": _("an xz archive: unpack it, or pack it with gzip"),
    b"\x28\xb5\x2f\xfd": _("a zstd archive: unpack it, or pack it with gzip"),
}

# Each older encoding is contained in a newer one, which is what programs really write.
SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030", "latin_1": "cp1252", "iso8859_15": "cp1252"}


@dataclass(frozen=True)
class Hints:
    """What a person says about the file; it goes before what the file looks like. Empty: find out."""

    format: str = "auto"
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None


@dataclass(frozen=True)
class Detected:
    """How the file is written down, its first records, and which column is probably what."""

    options: FileOptions
    rows: list[dict[str, Any]]
    mapping: dict[str, Any]


def detect(stream: IO[bytes], hints: Hints | None = None) -> Detected:
    """Look at the beginning of a file; raises ImportRefused that says what to do."""
    hints = hints or Hints()
    _check_hints(hints)
    raw, whole, packed = _head(stream)
    if not raw:
        raise ImportRefused(_("The file is empty: it needs rows of data."))
    plain = FileOptions(encoding=_encoding(raw, hints))
    options = replace(plain, gzip=packed, returns=_has_bare_returns(raw, plain))
    text = _text(raw, replace(options, gzip=False), whole=whole)
    options = replace(options, **_form(text, options, hints))
    format_ = READABLE[options.format]
    if options.format in TABLES:
        options = replace(options, header=_header(text, options, hints))
    options = replace(options, columns=format_.columns(text, options))
    if len(options.columns) > MAX_FILE_COLUMNS:
        raise ImportRefused(_("The file has more than %(count)d columns.", count=MAX_FILE_COLUMNS))
    records = _first(text, options)
    return Detected(
        options, [record.fields for record in records[:PREVIEW_ROWS]], column_inference.mapping(options, records)
    )


def _check_hints(hints: Hints) -> None:
    if hints.format not in ("auto", *READABLE):
        raise ImportRefused(_("The format is one of: %(names)s.", names=", ".join(["auto", *READABLE])))
    if hints.delimiter and hints.delimiter not in DELIMITERS:
        raise ImportRefused(_("The delimiter is a comma, a semicolon, a tab or a vertical bar."))
    if hints.encoding and hints.encoding not in ENCODINGS:
        raise ImportRefused(_("The encoding is one of: %(names)s.", names=", ".join(ENCODINGS)))


def _sample(stream: IO[bytes]) -> tuple[bytes, bool]:
    """Return the beginning of a stream, at least a line of it, and whether that is all there is."""
    raw = stream.read(SAMPLE_BYTES)
    if len(raw) == SAMPLE_BYTES and b"\n" not in raw and b"\r" not in raw:
        raw += stream.read(MAX_LINE_BYTES)
    return raw, not stream.read(1)


def _head(stream: IO[bytes]) -> tuple[bytes, bool, bool]:
    """Return the unpacked sample, whether it is whole, and whether it was packed."""
    stream.seek(0)
    packed = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    if not packed:
        return *_sample(stream), False
    try:
        return *_sample(gzip.GzipFile(fileobj=stream, mode="rb")), True  # type: ignore[arg-type]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged(error) from error


def _encoding(raw: bytes, hints: Hints) -> str:
    for magic, what in MAGIC.items():
        if raw.startswith(magic):
            message = _("This is %(what)s. Margin reads CSV, TSV and JSONL files, plain or gzipped.", what=what)
            raise ImportRefused(message)
    if hints.encoding:
        return _with_order(raw) if hints.encoding == "utf-16" else hints.encoding
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in raw:
        if (order := _utf16_without_bom(raw)) is not None:
            return order
        raise ImportRefused(
            _("This is a binary file (it has NUL bytes), not text. Margin reads CSV, TSV and JSONL files.")
        )
    if raw.startswith(codecs.BOM_UTF8) or _mostly_utf8(raw):
        return "utf-8"
    return _legacy(raw)


def _with_order(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return _utf16_without_bom(raw) or "utf-16-le"


def _utf16_without_bom(raw: bytes) -> str | None:
    """Tell UTF-16 by where its NUL bytes are: delimiters and line ends are ASCII in every script."""
    head = raw[: 4096 - len(raw[:4096]) % 2]
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, nuls, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nuls >= 4 and not others:
            try:
                text = codecs.getincrementaldecoder(name)().decode(head)
            except UnicodeDecodeError:
                continue
            if "\n" in text or "\r" in text:
                return name
    return None


def _mostly_utf8(raw: bytes) -> bool:
    """Tell whether the lines with non-ASCII characters are UTF-8, but for a few broken ones."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
        return True
    except UnicodeDecodeError:
        pass
    good = bad = 0
    for line in raw.split(b"\n")[:-1]:
        if not line.isascii():
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good >= 4 * bad and good > 0


def _legacy(raw: bytes) -> str:
    """Ask charset-normalizer, on the lines that are not plain ASCII."""
    lines = raw.split(b"\n")
    telling = b"\n".join(line for line in lines if not line.isascii())[: 64 * 1024]
    telling = telling[: telling.rfind(b"\n")] if telling.count(b"\n") > 1 else telling
    matches = from_bytes(telling, cp_exclusion=["utf_7", "utf_16", "utf_32"])
    best = matches.best()
    if best is None:
        raise ImportRefused(
            _(
                "The file is neither UTF-8 nor any encoding that can be recognised; it may be binary. "
                "Save it as UTF-8, or choose its encoding by hand."
            )
        )
    if best.encoding in SUPERSETS:
        wider = SUPERSETS[best.encoding]
        return wider if _decodes(raw, wider) else best.encoding
    if any(_as_good(match, best) for match in matches) and _decodes(raw, "cp1252"):
        return "cp1252"  # by far the commonest of those that look alike
    return best.encoding


def _as_good(match: CharsetMatch, best: CharsetMatch) -> bool:
    western = {"cp1252", "latin_1"} & {match.encoding, *match.could_be_from_charset}
    return bool(western) and match.chaos <= best.chaos and match.coherence >= best.coherence


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(raw)
    except UnicodeDecodeError:
        return False
    return True


def _has_bare_returns(raw: bytes, options: FileOptions) -> bool:
    text = unpacked(BytesIO(raw), options).read(SAMPLE_BYTES)
    return b"\n" not in text and b"\r" in text


def _text(raw: bytes, options: FileOptions, *, whole: bool) -> bytes:
    """The whole lines of the sample, transcoded."""
    text = unpacked(BytesIO(raw), options).read()
    if not whole:
        end = text.rfind(b"\n")
        if end < 0:
            raise line_too_long()
        text = text[: end + 1]
    if not text.strip():
        raise ImportRefused(_("The file has only blank lines: it needs rows of data."))
    return text


def _form(text: bytes, options: FileOptions, hints: Hints) -> dict[str, Any]:
    """The format and, for a table, the delimiter."""
    name = hints.format
    start = text.lstrip()[:1]
    if name in ("auto", "jsonl") and start == b"[" and b"{" in text[:200]:
        raise ImportRefused(
            _(
                "This is one JSON array. JSONL has one object a line without commas between them: "
                "jq -c '.[]' converts it."
            )
        )
    if name == "auto" and not hints.delimiter:
        name = _without_table(text, options)
    if name in READABLE and name not in TABLES:
        return {"format": name}
    delimiter = hints.delimiter or ("\t" if name == "tsv" else _delimiter(text, options))
    return {"format": "tsv" if delimiter == "\t" else "csv", "delimiter": delimiter}


def _without_table(text: bytes, options: FileOptions) -> str:
    """The format of what shows that it is no table; else it may be one."""
    if text.lstrip()[:1] == b"{":
        return "jsonl"
    return "conll" if conll.looks_like(text[: 256 * 1024].decode(line_encoding(options), "replace")) else "auto"


def _table(text: bytes, options: FileOptions, most: int) -> list[list[str]]:
    format_ = FORMATS["csv"]
    assert isinstance(format_, csv_.Csv)
    return list(format_.rows(text[: 256 * 1024], options, most))


def _delimiter(text: bytes, options: FileOptions) -> str:
    """The delimiter with which most rows have as many cells as the first, several cells before one."""

    def fitness(delimiter: str) -> float:
        rows = _table(text, replace(options, delimiter=delimiter), 200)
        if not rows:
            return 0.0
        wanted = len(rows[0])
        same = sum(len(row) == wanted for row in rows) / len(rows)
        if wanted == 1:
            return same
        return 2 * same + column_inference.has_known_name(rows[0])

    return max(DELIMITERS, key=fitness)


def _header(text: bytes, options: FileOptions, hints: Hints) -> bool:
    if hints.header is not None:
        return hints.header
    rows = _table(text, options, 200)
    if rows and not column_inference.is_header(rows[0], rows[1:]):
        shown = options.delimiter.join(rows[0])[:80]
        message = _(
            "The first line does not look like names of columns: “%(line)s”. Put a line such as text,label at the "
            "top, or say that the first line is data (header = no): the columns are then called column 1, column 2.",
            line=shown,
        )
        raise ImportRefused(message, {"header": False})
    return True


def _first(text: bytes, options: FileOptions) -> list[Record]:
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
