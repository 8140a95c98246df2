"""What every file format provides, and the words that readers and writers share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple, Protocol, TypeAlias

from annotation.lazy_text import LazyText as _

MAX_LINE_BYTES = 10 * 1024 * 1024  # bytes of one line, and of one record that spans lines
SAMPLE_BYTES = 1024 * 1024  # what detection looks at
PREVIEW_ROWS = 10
MAX_EXCERPT_CHARACTERS = 200  # characters
MAX_FILE_COLUMNS = 5000  # of a table: a page lists them all
MAX_PROBLEMS = 1000  # things beside the rows that are told one by one


class File(Protocol):
    """A file that a row brings along; it may be large, so it is read when it is wanted."""

    def read(self) -> bytes:
        """Return its bytes, or raise BadFile."""
        ...


class Record(NamedTuple):
    """One well-formed row; row 1 is the first record below the header."""

    row: int
    fields: dict[str, Any]
    file: File | None = None
    drawn_on: tuple[int, int] | None = None  # of boxes: width and height of the image, as their file tells


class BadRow(NamedTuple):
    """A row that cannot be read, why, and how it begins."""

    row: int
    reason: str
    excerpt: str


Row: TypeAlias = Record | BadRow


@dataclass(frozen=True)
class FileOptions:
    """How a file is written down; found by `detect_text_format`, kept with the import."""

    format: str = "csv"
    encoding: str = "utf-8"
    gzip: bool = False
    returns: bool = False  # lines end in a bare carriage return
    delimiter: str = ","
    header: bool = True
    skipped: int = 0  # lines of comments before the header of a table
    inside: str = ""  # the key of an object, in the objects of a JSON file, that has columns
    decimal_comma: bool = False  # 1,5 is a number
    verdict_column: str = ""  # says of each label whether an annotator accepts it
    columns: list[str] = field(default_factory=list)


class RowReader(Protocol):
    """The rows of one file, in order; never more of them in memory than one."""

    @property
    def position(self) -> int:
        """Bytes of the (unpacked) file read so far."""
        ...

    def __iter__(self) -> Iterator[Row]: ...


class Readable(Protocol):
    """One way in which records are found in a file."""

    name: str
    title: str

    def columns(self, sample: bytes, options: FileOptions) -> list[str]:
        """Return the names of the columns that a sample shows, or raise ImportRefused."""
        ...

    def read(self, stream: IO[bytes], options: FileOptions) -> RowReader:
        """Read from an unpacked stream, see `open_unpacked_text`."""
        ...


class Writable(Protocol):
    """One way to write records into a file."""

    name: str
    title: str
    suffix: str
    content_type: str

    def write(self, records: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
        """Yield the text of a file, about a record (or the header) at a time."""
        ...


class Format(Readable, Writable, Protocol):
    """One way to write records into a file, and to read them again."""


class Problems:
    """What could not be taken of the files beside the rows: (where, why). The first are kept, the rest only counted."""

    def __init__(self, problems: Iterable[tuple[str, str]] = ()) -> None:
        self._kept: list[tuple[str, str]] = []
        self._count = 0
        for problem in problems:
            self.append(problem)

    def append(self, problem: tuple[str, str]) -> None:
        self._count += 1
        if len(self._kept) < MAX_PROBLEMS:
            where, why = problem
            self._kept.append((where[:MAX_EXCERPT_CHARACTERS], why))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield those that were kept, then how many more there were."""
        yield from self._kept
        if further := self._count - len(self._kept):
            yield "", _("And %(count)d more like the last ones.", count=further)


def excerpt(text: str) -> str:
    """Return the beginning of a row, on one line, free of characters that cannot be stored."""
    short = " ".join(text[: 2 * MAX_EXCERPT_CHARACTERS].replace("\0", "\ufffd").split())[:MAX_EXCERPT_CHARACTERS]
    return short.encode("utf-8", "replace").decode()


UNSTORABLE = _("The row has a NUL or half a character, which is not text; remove it.")
UNDECODABLE = _("The row is not valid %(encoding)s; save the file as UTF-8, or choose its real encoding.")
