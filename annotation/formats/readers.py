"""The one door to an uploaded file, whether its rows are lines of text or files of an archive."""

from collections.abc import Callable
from typing import IO

from annotation.errors import ImportRefused
from annotation.formats import image_archive, ratings_archive, sniffing, text_stream
from annotation.formats.contract import FileOptions, RowReader
from annotation.formats.office_documents import refuse_office
from annotation.formats.registry import READABLE
from annotation.formats.sniffing import Detected, Hints
from annotation.formats.zip_archive import files, is_zip
from annotation.lazy_text import LazyText as _

IMAGE_ARCHIVE, TABLE_ARCHIVE = image_archive.NAME, ratings_archive.NAME
TITLES: dict[str, str] = {
    **{name: form.title for name, form in READABLE.items()},
    IMAGE_ARCHIVE: image_archive.TITLE,
    TABLE_ARCHIVE: ratings_archive.TITLE,
}


def look(stream: IO[bytes], hints: Hints | None = None) -> Detected:
    """Find out how an uploaded file is written down; raises ImportRefused that says what to do."""
    hints = hints or Hints()
    packed = is_zip(stream)
    if packed:
        refuse_office({file.name for file in files(stream)})
    if hints.format == IMAGE_ARCHIVE and not packed:
        raise ImportRefused(_("This is no ZIP archive: images are uploaded in one."))
    if hints.format == TABLE_ARCHIVE and not packed:
        raise ImportRefused(_("This is no ZIP archive: tables that belong together are uploaded in one."))
    if packed and hints.format in ("auto", TABLE_ARCHIVE) and ratings_archive.fits(stream):
        return ratings_archive.look(stream)
    if packed and hints.format in ("auto", IMAGE_ARCHIVE):
        return image_archive.look(stream)
    return sniffing.detect(stream, hints)


def rows(stream: IO[bytes], options: FileOptions) -> RowReader:
    """Read the rows of a file that was looked at."""
    if options.format == IMAGE_ARCHIVE:
        return image_archive.read(stream)
    if options.format == TABLE_ARCHIVE:
        return ratings_archive.read(stream)
    return READABLE[options.format].read(text_stream.unpacked(stream, options), options)


def survey(
    stream: IO[bytes], options: FileOptions, most: int | None = None, beat: Callable[[int], object] | None = None
) -> int:
    """Read a whole file once before any row is taken from it; return its unpacked size in bytes.

    Raises ImportRefused for what cannot be read to its end, or is more than `most` bytes where that is given.
    """
    if options.format == IMAGE_ARCHIVE:
        return image_archive.survey(stream, most)
    if options.format == TABLE_ARCHIVE:
        return ratings_archive.survey(stream, most)
    return text_stream.survey(stream, options, most, beat)
