"""ZIP archives as people upload them: which files are inside and what each holds, bounded whatever they say."""

import posixpath
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from lzma import LZMAError
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from annotation.errors import ImportRefused
from annotation.lazy_text import LazyText as _

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # with files, without
MAX_DIRECTORY_BYTES = 64 * 1024 * 1024  # bytes of the list of files: it is read into memory
MAX_FILES = 100_000  # in one archive: each costs half a kilobyte of memory
ENTRY_MAGIC = b"PK\x01\x02"  # of a file in the list
MAX_FILE_BYTES = 100 * 1024 * 1024  # bytes of one file inside, unpacked
ENCRYPTED, UTF8 = 0x1, 0x800  # flag bits
LEFT_BY_SYSTEMS = re.compile(r"(^|/)(__MACOSX/|\.[^/]*|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
UNSAFE = re.compile(r"(^|/)\.\.(/|$)|^/|^[A-Za-z]:")


class BadFile(Exception):
    """A file of an archive cannot be taken; the words say why."""


@dataclass(frozen=True)
class ArchivedFile:
    """One file of an archive."""

    archive: ZipFile
    info: ZipInfo
    name: str  # with its folders

    @property
    def size(self) -> int:
        """Bytes, as the archive says; no more are ever read."""
        return self.info.file_size

    def read(self) -> bytes:
        """Return what the file holds; raises BadFile."""
        with self.opened() as file:
            return file.read(MAX_FILE_BYTES)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Give the file to read from, in parts; raises BadFile, also for what is met while it is read."""
        if UNSAFE.search(self.name):
            raise BadFile(_("The path of the file leads out of the archive."))
        if stat.S_ISLNK(self.info.external_attr >> 16):
            raise BadFile(_("This is a link, not a file."))
        if self.info.flag_bits & ENCRYPTED:
            raise BadFile(_("The file is encrypted: pack it without a password."))
        if self.size > MAX_FILE_BYTES:
            raise BadFile(_("The file is larger than %(most)d MB.", most=MAX_FILE_BYTES // 1024 // 1024))
        try:
            with self.archive.open(self.info) as file:
                yield file
        except NotImplementedError:
            raise BadFile(_("The file is packed in a way that cannot be read: pack it as usual (deflate).")) from None
        except (BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError, RuntimeError) as error:
            raise BadFile(_("The archive is damaged at this file (%(error)s).", error=str(error)[:100])) from error

    @contextmanager
    def opened_as_table(self) -> Iterator[IO[bytes]]:
        """Give the file to read from; raises ImportRefused, which names it, also for what is met while it is read."""
        try:
            with self.opened() as file:
                yield file
        except (BadFile, ImportRefused) as error:
            message = _("%(table)s in the archive: %(reason)s", table=self.name, reason=str(error))
            raise ImportRefused(message) from error


def stem(name: str) -> str:
    """Return a file's name without folder and suffix, which it shares with the files that belong to it."""
    return posixpath.splitext(posixpath.basename(name))[0]


def is_zip(stream: IO[bytes]) -> bool:
    """Tell by the first bytes."""
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    return start in ZIP_MAGIC


def list_files(stream: IO[bytes]) -> list[ArchivedFile]:
    """Return the files of an archive in its own order, without folders and what systems leave behind.

    Raises ImportRefused when the list cannot be read, or is too long.
    """
    try:
        source = _Archive(stream)
        archive = ZipFile(source)
        source.is_listed = True
    except (BadZipFile, struct.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        message = _("The ZIP archive is damaged or cut off (%(error)s). Make it again.", error=str(error)[:100])
        raise ImportRefused(message) from error
    enclosed = [ArchivedFile(archive, info, _decode_name(info)) for info in archive.infolist() if not info.is_dir()]
    return [file for file in enclosed if not LEFT_BY_SYSTEMS.search(file.name) or UNSAFE.search(file.name)]


class _Archive:
    """The stream of an archive; while its list of files is read, no more than is allowed is taken from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.is_listed = False
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.is_listed:
            return self._stream.read(size)
        raw = self._stream.read(MAX_DIRECTORY_BYTES + 1 if size < 0 else min(size, MAX_DIRECTORY_BYTES + 1))
        if len(raw) > MAX_DIRECTORY_BYTES or raw.count(ENTRY_MAGIC) > MAX_FILES:
            raise ImportRefused(
                _("The archive has more than %(count)d files, or very long names. Upload it in parts.", count=MAX_FILES)
            )
        return raw


def _decode_name(info: ZipInfo) -> str:
    """Return the name as it was meant: where an archive does not say UTF-8, it often is, or a Chinese system's own."""
    name = info.filename
    if not info.flag_bits & UTF8 and not name.isascii():
        raw = name.encode("cp437")  # what zipfile took it for
        for encoding in ("gb18030", "utf-8"):
            with suppress(UnicodeDecodeError):
                name = raw.decode(encoding)
    return name.replace("\\", "/").removeprefix("./")  # some systems separate folders with a backslash
