"""Ratings in a ZIP archive of tables: who rated what, and what is known of the products and of the users.

The ratings are the table that has both a user and a product (and a rating, where several have both). Each other table
that shares one of these columns is joined by it: columns of products as they are called, those of users as
`user.column`. So MovieLens' own archives can be uploaded as they are. Where every pair has a rating, pairs to ask about
follow: of each user the MAX_ASKED_PRODUCTS that most users rated and this one did not.
"""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats import column_inference, image_archive
from annotation.formats.contract import PREVIEW_ROWS, BadRow, FileOptions, Record, Row
from annotation.formats.read_budget import LOOK_LIMITS, ReadBudget
from annotation.formats.registry import READABLE
from annotation.formats.sniffing import Detected, detect_text_format
from annotation.formats.text_stream import open_unpacked_text
from annotation.formats.zip_archive import ArchivedFile, list_files
from annotation.json_values import cell_text
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.contents import FIELDS
from annotation.tasktypes.ratings import (
    PRODUCT,
    PRODUCT_NAMES,
    RATING_NAMES,
    USER,
    USER_AND_PRODUCT,
    USER_NAMES,
    USER_PREFIX,
)

NAME, TITLE = "tables", _("Tables that belong together (ZIP)")
TABLE_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
MAX_ASKED_PRODUCTS = 20  # that a user has not rated, to ask about
MAX_RATINGS = 1_000_000  # up to which those are looked for
MAX_ASKED_PAIRS = 1_000_000  # in all
MAX_PAIR_CHARACTERS = 500  # of a user or a product; what is longer is none to ask about
MAX_RATINGS_BYTES = 1024 * 1024 * 1024  # of the table of ratings, unpacked


@dataclass(frozen=True)
class _ArchiveTable:
    """One table of the archive."""

    file: ArchivedFile
    options: FileOptions

    @property
    def columns(self) -> list[str]:
        return self.options.columns

    def joined_rows(self, budget: ReadBudget) -> Iterator[Row]:
        """Yield the rows of a table that is held in memory; raises ImportRefused."""
        with self.file.opened_as_table() as stream:
            yield from budget.rows(self.file.name, stream, self.options)

    def rows(self, report: Callable[[int], object]) -> Iterator[Row]:
        """Yield the rows, of which one at a time is held in memory; raises ImportRefused."""
        with self.file.opened_as_table() as stream:
            yield from READABLE[self.options.format].read(
                open_unpacked_text(stream, self.options, report), self.options
            )


class TablesReader:
    """The rows of the ratings with what is joined to them, then pairs to ask about."""

    def __init__(self, enclosed: Sequence[ArchivedFile], budget: ReadBudget) -> None:
        self._budget = budget
        self._bytes_left = MAX_RATINGS_BYTES
        self._tables = [_open_table(file) for file in _select_tables(enclosed, budget.limits.tables)]
        self.size = sum(table.file.size for table in self._tables)
        self.position = 0
        main = max(
            (table for table in self._tables if _user_and_product_columns(table.columns)),
            key=_ratings_table_rank,
            default=None,
        )
        if main is None:
            raise ImportRefused(
                _(
                    "The ZIP archive has no images, and no table of ratings with a user and a thing (columns such as "
                    "userId and movieId). Another table is uploaded as it is, or gzipped."
                )
            )
        self._main = main
        keys = _user_and_product_columns(main.columns)
        self.user, self.product = keys[USER], keys[PRODUCT]
        self.rating = _rating_column(main.columns)
        self._of_products = self._join_tables(self.product, "", PRODUCT_NAMES)
        self._of_users = self._join_tables(self.user, USER_PREFIX, USER_NAMES)
        self.joined = [
            name for name in (*self._of_products.columns, *self._of_users.columns) if name not in main.columns
        ]

    @property
    def columns(self) -> list[str]:
        return [*self._main.columns, *self.joined]

    def _join_tables(self, key: str, prefix: str, names: Sequence[str]) -> "_Attributes":
        """Read the tables that have this column but are no ratings."""
        attributes = _Attributes({}, [])
        for table in self._tables:
            if table is self._main or _user_and_product_columns(table.columns):
                continue
            by = (
                key
                if key in table.columns
                else column_inference.find_join_column(table.file.name, table.columns, names)
            )
            if by:
                attributes.add(table, by, prefix, self._budget)
        return attributes

    def __iter__(self) -> Iterator[Row]:
        number, all_rated, pairs = 0, True, _RatedPairs()
        self.position = self.size - self._main.file.size  # the other tables have been read
        for number, row in enumerate(self._main.rows(self._take_block), 1):
            if isinstance(row, BadRow):
                yield BadRow(number, row.reason, row.excerpt)
                continue
            user, product = (
                cell_text(row.fields.get(self.user)).strip(),
                cell_text(row.fields.get(self.product)).strip(),
            )
            all_rated = all_rated and bool(self.rating) and cell_text(row.fields.get(self.rating or "")).strip() != ""
            pairs.add(user, product)
            yield Record(number, self._with_attributes(row.fields, user, product))
        self.position = self.size
        if all_rated:
            for further, (user, product) in enumerate(islice(pairs.unrated_pairs(), MAX_ASKED_PAIRS), number + 1):
                yield Record(further, self._with_attributes({self.user: user, self.product: product}, user, product))

    def _take_block(self, count: int) -> None:
        self._budget.progress()
        self._bytes_left -= count
        if self._bytes_left < 0:
            limit = MAX_RATINGS_BYTES // 1024 // 1024
            raise ImportRefused(_("Unpacked, the file is larger than %(most)d MB. Upload it in parts.", most=limit))

    def _with_attributes(self, fields: Mapping[str, Any], user: str, product: str) -> dict[str, Any]:
        return {**self._of_products.rows.get(product, {}), **self._of_users.rows.get(user, {}), **fields}


@dataclass
class _Attributes:
    """What tables say of products, or of users, by id."""

    rows: dict[str, dict[str, Any]]
    columns: list[str]

    def add(self, table: _ArchiveTable, key: str, prefix: str, budget: ReadBudget) -> None:
        taken = frozenset(self.columns)
        named = {name: prefix + name for name in table.columns if name != key and prefix + name not in taken}
        self.columns += named.values()
        for row in table.joined_rows(budget):
            if isinstance(row, Record):
                here = self.rows.setdefault(cell_text(row.fields.get(key)).strip(), {})
                here.update({title: row.fields[name] for name, title in named.items()})


class _RatedPairs:
    """Who rated what, to find pairs to ask about; nothing beyond MAX_RATINGS."""

    def __init__(self) -> None:
        self._by_user: dict[str, set[str]] = defaultdict(set)
        self._count = 0

    def add(self, user: str, product: str) -> None:
        self._count += 1
        if self._count <= MAX_RATINGS and user and product and len(user) + len(product) <= MAX_PAIR_CHARACTERS:
            self._by_user[user].add(product)

    def unrated_pairs(self) -> Iterator[tuple[str, str]]:
        """Yield pairs without a rating: first each user's most popular product, then the second, and so on."""
        if self._count > MAX_RATINGS:
            return
        counts = Counter(product for products in self._by_user.values() for product in products)
        popular = sorted(counts, key=lambda product: (-counts[product], product))
        asked = {
            user: list(islice((product for product in popular if product not in rated), MAX_ASKED_PRODUCTS))
            for user, rated in self._by_user.items()
        }
        for rank in range(MAX_ASKED_PRODUCTS):
            for user, products in asked.items():
                if rank < len(products):
                    yield user, products[rank]


def holds_tables_only(enclosed: Sequence[ArchivedFile]) -> bool:
    """Whether there are tables in an archive, and no images."""
    names = [file.name.lower() for file in enclosed]
    return any(name.endswith(TABLE_SUFFIXES) for name in names) and not any(
        name.endswith(image_archive.IMAGE_SUFFIXES) for name in names
    )


def _select_tables(enclosed: Sequence[ArchivedFile], max_tables: int) -> list[ArchivedFile]:
    """Return the tables of an archive, by their names; raises ImportRefused where they are more than `max_tables`."""
    tables = [file for file in enclosed if file.name.lower().endswith(TABLE_SUFFIXES)]
    if len(tables) > max_tables:
        raise ImportRefused(_("The ZIP archive has more than %(count)d tables.", count=max_tables))
    return tables


def read_archive(stream: IO[bytes], budget: ReadBudget) -> TablesReader:
    """Return the rows of an archive; raises ImportRefused."""
    return TablesReader(list_files(stream), budget)


def inspect_archive(enclosed: Sequence[ArchivedFile]) -> Detected:
    """Return what an archive holds and what its columns are; raises ImportRefused where there are no ratings."""
    reader = TablesReader(enclosed, ReadBudget(LOOK_LIMITS))
    mapping: dict[str, Any] = {
        USER: reader.user,
        PRODUCT: reader.product,
        "id": None,
        "label": reader.rating,
        FIELDS: reader.joined,
        "hidden": [],
    }
    rows = [row.fields for row in islice(reader, PREVIEW_ROWS) if isinstance(row, Record)]
    if not rows:
        raise ImportRefused(_("The table of ratings has no rows that can be read."))
    return Detected(FileOptions(format=NAME, columns=reader.columns), rows, mapping)


def check_unpacked_size(stream: IO[bytes], max_bytes: int | None) -> int:
    """Return the bytes of all files, unpacked; raises ImportRefused where they are more than `max_bytes`."""
    total = sum(file.size for file in list_files(stream))
    if max_bytes is not None and total > max_bytes:
        limit = max_bytes // 1024 // 1024
        raise ImportRefused(_("Unpacked, the file is larger than %(most)d MB. Upload it in parts.", most=limit))
    return total


def _open_table(file: ArchivedFile) -> _ArchiveTable:
    with file.opened_as_table() as stream:
        return _ArchiveTable(file, detect_text_format(stream).options)


def _user_and_product_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns of the user and the product; empty for a table that has not both."""
    return column_inference.match_content_columns(USER_AND_PRODUCT, columns)


def _rating_column(columns: Sequence[str]) -> str | None:
    return column_inference.find_column(columns, (*RATING_NAMES, *column_inference.LABEL_NAMES))


def _ratings_table_rank(table: _ArchiveTable) -> tuple[bool, bool, int]:
    """Return what makes a table with users and products the one of ratings: greater is better."""
    name = posixpath.basename(table.file.name).lower()
    return _rating_column(table.columns) is not None, name.startswith("rating"), table.file.size
