"""Included by a worker: rows that kill it, as a file that takes more memory than there is, and rows that take long."""

import os
import signal
import time
from collections.abc import Sequence

from annotation.formats import Row
from annotation.imports import importing, row_importer

CHUNK_ROWS, CHUNK_SECONDS = 10, 0.2

importing.CHUNK_ROWS = CHUNK_ROWS
_add = row_importer.RowImporter.add


def add(intake: row_importer.RowImporter, rows: Sequence[Row], position: int) -> None:
    texts = [str(getattr(row, "fields", {}).get("text", "")) for row in rows]
    if any(text.startswith("deadly") for text in texts):
        os.kill(os.getpid(), signal.SIGKILL)
    if any(text.startswith("slow") for text in texts):
        time.sleep(CHUNK_SECONDS)
    _add(intake, rows, position)


row_importer.RowImporter.add = add  # type: ignore[method-assign]
