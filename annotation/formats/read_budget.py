"""How much is read of the tables and box files inside an archive: of all of them together, once they are unpacked.

A file of an archive may itself be packed, so that what the archive says of its size means nothing. A request only looks
(`LOOK_LIMITS`): what is beyond its budget is left out of the preview. A worker reads everything (`RUN_LIMITS`), or
refuses it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from annotation.errors import ImportRefused
from annotation.formats import text_stream
from annotation.formats.contract import FileOptions, Row
from annotation.formats.registry import READABLE
from annotation.lazy_text import LazyText as _

CELL_OVERHEAD = 1  # cells that a row counts for beside its own: blank rows cost time too


@dataclass(frozen=True)
class ReadLimits:
    table_bytes: int
    table_cells: int
    json_bytes: int
    json_values: int  # each is an object of its own in memory
    tables: int
    is_look: bool


LOOK_LIMITS = ReadLimits(
    table_bytes=4 << 20, table_cells=200_000, json_bytes=4 << 20, json_values=500_000, tables=20, is_look=True
)
RUN_LIMITS = ReadLimits(
    table_bytes=64 << 20, table_cells=5_000_000, json_bytes=64 << 20, json_values=8_000_000, tables=20, is_look=False
)


class _UsedUp(Exception):
    """Nothing is left of a budget."""


class ReadBudget:
    """What is left to read of one archive."""

    def __init__(self, limits: ReadLimits = RUN_LIMITS, progress: Callable[[], object] = lambda: None) -> None:
        """`progress` is called often while a table is read; it may raise to end that."""
        self.limits = limits
        self.progress = progress
        self._bytes, self._cells = limits.table_bytes, limits.table_cells
        self._json_bytes, self._json_values = limits.json_bytes, limits.json_values

    def rows(self, name: str, stream: IO[bytes], options: FileOptions) -> Iterator[Row]:
        """Yield the rows of a table that is held in memory. Beyond the budget it ends, or raises ImportRefused."""
        cells = CELL_OVERHEAD + len(options.columns)
        try:
            lines = text_stream.open_unpacked_text(stream, options, self._spend_block)
            for row in READABLE[options.format].read(lines, options):
                self._cells -= cells
                if self._cells < 0:
                    raise _UsedUp
                yield row
        except _UsedUp:
            if not self.limits.is_look:
                raise self._too_large(name) from None

    def _spend_block(self, count: int) -> None:
        self.progress()
        self._bytes -= count
        if self._bytes < 0:
            raise _UsedUp

    def _too_large(self, name: str) -> ImportRefused:
        message = _(
            "The tables in the archive are too large to be held in memory, %(table)s among them: together they may "
            "have %(most)d MB unpacked and %(cells)d cells.",
            table=name,
            most=self.limits.table_bytes >> 20,
            cells=self.limits.table_cells,
        )
        return ImportRefused(message)

    def spend_json_bytes(self, size: int) -> bool:
        """Take the bytes of a JSON file from the budget; return whether it may still be read."""
        if size > self._json_bytes:
            return False
        self._json_bytes -= size
        return True

    def spend_json_values(self, raw: bytes) -> bool:
        """Take the values of a JSON file from the budget, counted and not parsed; return whether they may be held."""
        self._json_values -= raw.count(b",") + raw.count(b"[") + raw.count(b"{")
        return self._json_values >= 0
