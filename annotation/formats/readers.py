"""The one door to an uploaded file, whether its rows are lines of text or files of an archive."""

from collections.abc import Callable
from typing import IO

from annotation.errors import ImportRefused
from annotation.formats import image_archive, ratings_archive, sniffing, text_stream
from annotation.formats.contract import FileOptions, RowReader
from annotation.formats.office_documents import refuse_office
from annotation.formats.read_budget import LOOK_LIMITS, RUN_LIMITS, ReadBudget
from annotation.formats.registry import READABLE
from annotation.formats.sniffing import Detected, Hints
from annotation.formats.zip_archive import is_zip, list_files
from annotation.lazy_text import LazyText as _

IMAGE_ARCHIVE, TABLE_ARCHIVE = image_archive.NAME, ratings_archive.NAME
TITLES: dict[str, str] = {
    **{name: form.title for name, form in READABLE.items()},
    IMAGE_ARCHIVE: image_archive.TITLE,
    TABLE_ARCHIVE: ratings_archive.TITLE,
}


def inspect_file(stream: IO[bytes], hints: Hints | None = None) -> Detected:
    """Find out how an uploaded file is written down; raises ImportRefused that says what to do."""
    hints = hints or Hints()
    packed = is_zip(stream)
    if packed:
        refuse_office({file.name for file in list_files(stream)})
    if hints.format == IMAGE_ARCHIVE and not packed:
        raise ImportRefused(_("This is no ZIP archive: images are uploaded in one."))
    if hints.format == TABLE_ARCHIVE and not packed:
        raise ImportRefused(_("This is no ZIP archive: tables that belong together are uploaded in one."))
    if packed and hints.format in ("auto", TABLE_ARCHIVE, IMAGE_ARCHIVE):
        enclosed = list_files(stream)
        if hints.format == TABLE_ARCHIVE or (hints.format == "auto" and ratings_archive.holds_tables_only(enclosed)):
            return ratings_archive.inspect_archive(enclosed)
        return image_archive.inspect_archive(enclosed)
    return sniffing.detect_text_format(stream, hints)


def read_rows(
    stream: IO[bytes], options: FileOptions, progress: Callable[[], object] = lambda: None, *, is_look: bool = False
) -> RowReader:
    """Read the rows of a file that was looked at; raises ImportRefused.

    `progress` is called for each block that is read and may raise to end that. Where this `is_look`, what belongs to
    the rows is read as far as a request may.
    """
    budget = ReadBudget(LOOK_LIMITS if is_look else RUN_LIMITS, progress)
    if options.format == IMAGE_ARCHIVE:
        return image_archive.read_archive(stream, budget)
    if options.format == TABLE_ARCHIVE:
        return ratings_archive.read_archive(stream, budget)
    lines = text_stream.open_unpacked_text(stream, options, lambda _bytes: progress())
    return READABLE[options.format].read(lines, options)


def check_whole_file(
    stream: IO[bytes],
    options: FileOptions,
    max_bytes: int | None = None,
    on_block: Callable[[int], object] | None = None,
) -> int:
    """Read a whole file once before any row is taken from it; return its unpacked size in bytes.

    Raises ImportRefused for what cannot be read to its end, or is more than `max_bytes` bytes where that is given.
    """
    if options.format == IMAGE_ARCHIVE:
        return image_archive.check_unpacked_size(stream, max_bytes)
    if options.format == TABLE_ARCHIVE:
        return ratings_archive.check_unpacked_size(stream, max_bytes)
    return text_stream.check_whole_file(stream, options, max_bytes, on_block)
