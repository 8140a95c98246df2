"""From stored bytes to decoded lines: unpacking, transcoding, bounds; constant memory whatever the file."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, cast

from annotation.errors import ImportRefused
from annotation.formats.contract import MAX_LINE_BYTES, UNDECODABLE, UNSTORABLE, FileOptions
from annotation.lazy_text import LazyText as _

GZIP_MAGIC = b"\x1f\x8b"
BLOCK_BYTES = 1024 * 1024
WATCHED_BYTES = 256 * 1024  # of a stream that reports what is read from it


class _Transcoded(io.RawIOBase):
    """A UTF-16 stream as UTF-8. What is not valid UTF-16 becomes invalid UTF-8, so that its line is found out."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._rest = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest and not self._ended:
            raw = self._stream.read(65536)
            self._rest = self._decode(raw)
            self._ended = not raw
        n = min(len(buffer), len(self._rest))
        buffer[:n], self._rest = self._rest[:n], self._rest[n:]
        return n

    def _decode(self, raw: bytes) -> bytes:
        try:
            return self._decoder.decode(raw, final=not raw).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # the last character is cut off
            return b"\xff"


class _Returns(io.RawIOBase):
    """A stream whose lines end in a bare carriage return, with line feeds instead."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        raw = self._stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(raw)] = raw
        return len(raw)


def is_utf16(encoding: str) -> bool:
    return encoding.startswith("utf-16")


def line_encoding(options: FileOptions) -> str:
    """The encoding of the lines of an unpacked stream."""
    return "utf-8" if is_utf16(options.encoding) else options.encoding


class _Watched(io.RawIOBase):
    """A stream that reports each block that is read from it; raises ImportRefused where it is a damaged gzip file."""

    def __init__(self, stream: IO[bytes], report: Callable[[int], object] | None) -> None:
        self._stream = stream
        self._report = report

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            raw = self._stream.read(min(len(buffer), WATCHED_BYTES))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise damaged_file_error(error) from error
        buffer[: len(raw)] = raw
        if self._report:
            self._report(len(raw))
        return len(raw)


def open_unpacked_text(
    stream: IO[bytes], options: FileOptions, report: Callable[[int], object] | None = None
) -> IO[bytes]:
    """Return the text of a file as buffered bytes, lines ending in a line feed, without byte order mark.

    `report` is called with the size of each block as it is unpacked, and may raise to end that.
    """
    source: IO[bytes] = stream
    if options.gzip:
        source = cast(IO[bytes], gzip.GzipFile(fileobj=stream, mode="rb"))
    if options.gzip or report:
        source = io.BufferedReader(_Watched(source, report), WATCHED_BYTES)
    if is_utf16(options.encoding):
        source = io.BufferedReader(_Transcoded(source, options.encoding), BLOCK_BYTES)
    if options.returns:
        source = io.BufferedReader(_Returns(source), BLOCK_BYTES)
    if not isinstance(source, io.BufferedIOBase):
        source = _wrap_buffered(source)
    _skip_bom(source)
    return source


def _wrap_buffered(stream: IO[bytes]) -> IO[bytes]:
    """A storage's file object may be a Python wrapper; reading lines through it costs much more."""
    inner = getattr(stream, "file", stream)
    if isinstance(inner, io.BufferedIOBase):
        return inner  # type: ignore[return-value]
    return io.BufferedReader(_Raw(stream), BLOCK_BYTES)


class _Raw(io.RawIOBase):
    """Any object with `read` as a raw stream."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        raw = self._stream.read(len(buffer))
        buffer[: len(raw)] = raw
        return len(raw)


def _skip_bom(stream: IO[bytes]) -> None:
    peek = getattr(stream, "peek", None)
    if peek is not None:
        if peek(3)[:3] == codecs.BOM_UTF8:
            stream.read(3)
    elif stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)


def damaged_file_error(error: Exception) -> ImportRefused:
    message = _("The gzip file is damaged or cut off (%(error)s). Make it again and upload it once more.", error=error)
    return ImportRefused(message)


class Lines:
    """Decoded lines of an unpacked stream, none longer than MAX_LINE_BYTES bytes.

    A line that is not text sets `fault` to the reason; it comes with replacement characters.
    """

    def __init__(self, stream: IO[bytes], options: FileOptions) -> None:
        self._stream = stream
        self._options = options
        self.position = 0
        self.fault = ""

    def __iter__(self) -> Iterator[str]:
        encoding = line_encoding(self._options)
        for raw in iter(partial(self._stream.readline, MAX_LINE_BYTES + 1), b""):
            self.position += len(raw)
            if len(raw) > MAX_LINE_BYTES:
                raise line_too_long()
            if b"\0" in raw:
                self.fault = UNSTORABLE
            try:
                yield raw.decode(encoding)
            except UnicodeDecodeError:
                self.fault = _(UNDECODABLE, encoding=self._options.encoding)
                yield raw.decode(encoding, "replace")


def line_too_long() -> ImportRefused:
    message = _(
        "A line of the file is longer than %(most)d MB. Each record goes on a line of its own: "
        "check that the file is CSV, TSV or JSONL and has line ends.",
        most=MAX_LINE_BYTES // 1024 // 1024,
    )
    return ImportRefused(message)


def check_whole_file(
    stream: IO[bytes],
    options: FileOptions,
    max_bytes: int | None = None,
    on_block: Callable[[int], object] | None = None,
) -> int:
    """Read a whole file once before any row is taken from it; return its unpacked size in bytes.

    Raises ImportRefused for a damaged archive, an endless line, more than `max_bytes` bytes unpacked, or
    mostly undecodable lines. `on_block` is called with the bytes read so far, a block at a time.
    """
    total = line = 0
    tally = _EncodingCheck(line_encoding(options))
    source = open_unpacked_text(stream, options)
    for block in iter(partial(source.read, BLOCK_BYTES), b""):
        total += len(block)
        if max_bytes is not None and total > max_bytes:
            limit = max_bytes // 1024 // 1024
            raise ImportRefused(_("Unpacked, the file is larger than %(most)d MB. Upload it in parts.", most=limit))
        if options.format != "json":  # which has no lines
            line = _open_line_bytes(block, line)
        tally.count_block(block)
        if on_block:
            on_block(total)
    tally.refuse_if_mostly_invalid()
    return total


def _open_line_bytes(block: bytes, before: int) -> int:
    """Return the bytes of the line that is open at the end of a block. A block is far shorter than
    MAX_LINE_BYTES, so only the line that began before it can be too long."""
    first = block.find(b"\n")
    if before + (len(block) if first < 0 else first) > MAX_LINE_BYTES:
        raise line_too_long()
    return before + len(block) if first < 0 else len(block) - block.rfind(b"\n") - 1


class _EncodingCheck:
    """Counts, block by block, the lines that are valid in an encoding and those that are not."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._rest = b""
        self.good = self.bad = 0

    def count_block(self, block: bytes) -> None:
        if not self._rest and block.isascii():
            return
        head, end, self._rest = (self._rest + block).rpartition(b"\n")
        text = head + end
        try:
            if not text.isascii():
                text.decode(self._encoding)
                self.good += 1 + text.count(b"\n")
        except UnicodeDecodeError:
            self._count_lines(text)

    def _count_lines(self, text: bytes) -> None:
        for line in text.split(b"\n"):
            if line.isascii():
                continue
            try:
                line.decode(self._encoding)
                self.good += 1
            except UnicodeDecodeError:
                self.bad += 1

    def refuse_if_mostly_invalid(self) -> None:
        self._count_lines(self._rest)
        if self.bad > 10 and self.bad > self.good:
            message = _(
                "%(count)d lines of the file are not valid %(encoding)s. "
                "Save the file as UTF-8, or upload it again with its real encoding.",
                count=self.bad,
                encoding=self._encoding,
            )
            raise ImportRefused(message)
