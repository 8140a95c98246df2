"""Ratings in a ZIP archive of tables: who rated what, and what is known of the things and of the users.

The ratings are the table that has both a user and a thing (and a rating, where several have both). Each other table
that shares one of these columns is joined by it: columns of things as they are called, those of users as `user.column`.
So MovieLens' own archives can be uploaded as they are. Where every pair has a rating, pairs to ask about follow: of
each user the ASKED things that most users rated and this one did not.
"""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats import column_inference, image_archive
from annotation.formats.contract import PREVIEW_ROWS, BadRow, Options, Record, Row
from annotation.formats.sniffing import FORMATS, Detected, detect
from annotation.formats.text_stream import unpacked
from annotation.formats.zip_archive import BadFile, Enclosed, files
from annotation.json_values import cell
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.contract import FIELDS

NAME, TITLE = "tables", _("Tables that belong together (ZIP)")
IMAGES = image_archive.SUFFIXES
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
OF_USER = "user."  # before the columns of users: see tasktypes/ratings.py
TABLE_MAX = 64 * 1024 * 1024  # bytes of a table that is joined: it is held in memory
ASKED = 20  # things a user has not rated, to ask about
MOST_RATINGS = 1_000_000  # up to which those are found


@dataclass(frozen=True)
class _Table:
    """One table of the archive."""

    file: Enclosed
    raw: bytes
    options: Options

    @property
    def columns(self) -> list[str]:
        return self.options.columns

    def rows(self) -> Iterable[Row]:
        return FORMATS[self.options.format].read(unpacked(BytesIO(self.raw), self.options), self.options)


class TablesReader:
    """The rows of the ratings with what is joined to them, then pairs to ask about."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._tables = [_table(file) for file in tables(stream)]
        self.size = sum(table.file.size for table in self._tables)
        self.position = 0
        main = max((table for table in self._tables if _pair(table.columns)), key=_fitness, default=None)
        if main is None:
            raise ImportRefused(
                _(
                    "The ZIP archive has no images, and no table of ratings with a user and a thing (columns such as "
                    "userId and movieId). Another table is uploaded as it is, or gzipped."
                )
            )
        self._main = main
        self.user, self.thing = _pair(main.columns) or ("", "")
        self.rating = column_inference.rating(main.columns)
        self._of_things = self._join(self.thing, "", column_inference.THING)
        self._of_users = self._join(self.user, OF_USER, column_inference.USER)
        self.joined = [name for name in (*self._of_things.columns, *self._of_users.columns) if name not in main.columns]

    @property
    def columns(self) -> list[str]:
        return [*self._main.columns, *self.joined]

    def _join(self, key: str, prefix: str, names: Sequence[str]) -> "_Joined":
        """Read the tables that have this column but are no ratings."""
        joined = _Joined({}, [])
        for table in self._tables:
            if table is self._main or _pair(table.columns):
                continue
            found = key if key in table.columns else column_inference.of_side(table.file.name, table.columns, names)
            if found:
                joined.add(table, found, prefix)
        return joined

    def __iter__(self) -> Iterator[Row]:
        row, rated, seen = 0, True, _Seen()
        start = self.size - self._main.file.size
        for row, one in enumerate(self._main.rows(), 1):
            self.position = start
            if isinstance(one, BadRow):
                yield BadRow(row, one.reason, one.excerpt)
                continue
            user, thing = cell(one.fields.get(self.user)).strip(), cell(one.fields.get(self.thing)).strip()
            rated = rated and bool(self.rating) and cell(one.fields.get(self.rating or "")).strip() != ""
            seen.add(user, thing)
            yield Record(row, self._with_joined(one.fields, user, thing))
        self.position = self.size
        if rated:
            for number, (user, thing) in enumerate(seen.open(), row + 1):
                yield Record(number, self._with_joined({self.user: user, self.thing: thing}, user, thing))

    def _with_joined(self, fields: Mapping[str, Any], user: str, thing: str) -> dict[str, Any]:
        return {**self._of_things.rows.get(thing, {}), **self._of_users.rows.get(user, {}), **fields}


@dataclass
class _Joined:
    """What tables say of one side, by its id."""

    rows: dict[str, dict[str, Any]]
    columns: list[str]

    def add(self, table: _Table, key: str, prefix: str) -> None:
        if len(table.raw) > TABLE_MAX:
            message = _(
                "%(table)s in the archive is larger than %(most)d MB.", table=table.file.name, most=TABLE_MAX >> 20
            )
            raise ImportRefused(message)
        named = {name: prefix + name for name in table.columns if name != key and prefix + name not in self.columns}
        self.columns += named.values()
        for row in table.rows():
            if isinstance(row, Record):
                here = self.rows.setdefault(cell(row.fields.get(key)).strip(), {})
                here.update({title: row.fields[name] for name, title in named.items()})


class _Seen:
    """Who rated what, to find pairs to ask about; nothing beyond MOST_RATINGS."""

    def __init__(self) -> None:
        self._of_user: dict[str, set[str]] = defaultdict(set)
        self._count = 0

    def add(self, user: str, thing: str) -> None:
        self._count += 1
        if self._count <= MOST_RATINGS and user and thing:
            self._of_user[user].add(thing)

    def open(self) -> Iterator[tuple[str, str]]:
        """Yield pairs without a rating: first each user's most popular thing, then the second, and so on."""
        if self._count > MOST_RATINGS:
            return
        counts = Counter(thing for things in self._of_user.values() for thing in things)
        popular = sorted(counts, key=lambda thing: (-counts[thing], thing))
        left = {
            user: list(islice((thing for thing in popular if thing not in rated), ASKED))
            for user, rated in self._of_user.items()
        }
        for place in range(ASKED):
            for user, things in left.items():
                if place < len(things):
                    yield user, things[place]


def fits(stream: IO[bytes]) -> bool:
    """Whether there are tables in an archive, and no images; raises ImportRefused where it cannot be read."""
    names = [file.name.lower() for file in files(stream)]
    return any(name.endswith(SUFFIXES) for name in names) and not any(name.endswith(IMAGES) for name in names)


def tables(stream: IO[bytes]) -> list[Enclosed]:
    """Return the tables of an archive, by their names; raises ImportRefused."""
    return [file for file in files(stream) if file.name.lower().endswith(SUFFIXES)]


def read(stream: IO[bytes]) -> TablesReader:
    """Return the rows of an archive; raises ImportRefused."""
    return TablesReader(stream)


def look(stream: IO[bytes]) -> Detected:
    """Return what an archive holds and what its columns are; raises ImportRefused where there are no ratings."""
    reader = read(stream)
    mapping: dict[str, Any] = {
        "user": reader.user,
        "thing": reader.thing,
        "id": None,
        "label": reader.rating,
        FIELDS: reader.joined,
        "hidden": [],
    }
    rows = [row.fields for row in islice(reader, PREVIEW_ROWS) if isinstance(row, Record)]
    if not rows:
        raise ImportRefused(_("The table of ratings has no rows that can be read."))
    return Detected(Options(format=NAME, columns=reader.columns), rows, mapping)


def survey(stream: IO[bytes], most: int | None) -> int:
    """Return the bytes of all tables, unpacked; raises ImportRefused where they are more than `most`."""
    total = sum(file.size for file in tables(stream))
    if most is not None and total > most:
        limit = most // 1024 // 1024
        raise ImportRefused(_("Unpacked, the file is larger than %(most)d MB. Upload it in parts.", most=limit))
    return total


def _table(file: Enclosed) -> _Table:
    try:
        raw = file.read()
        options = detect(BytesIO(raw)).options
    except (BadFile, ImportRefused) as error:
        raise ImportRefused(_("%(table)s in the archive: %(reason)s", table=file.name, reason=str(error))) from error
    return _Table(file, raw, options)


def _pair(columns: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of the user and the thing, where a table has both."""
    user, thing = column_inference.user(columns), column_inference.thing(columns)
    return (user, thing) if user and thing and user != thing else None


def _fitness(table: _Table) -> tuple[bool, bool, int]:
    name = posixpath.basename(table.file.name).lower()
    return column_inference.rating(table.columns) is not None, name.startswith("rating"), table.file.size
