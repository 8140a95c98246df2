"""Files in the media storage: there whole or not at all, also where the disk is full or a process dies.

A file is written under a name that ends in `.part` and gets its own once it is whole. What a dead process left under
such a name is removed by `remove_unfinished_files`.
"""

import errno
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import FileSystemStorage

PART_SUFFIX = ".part"
MAX_PART_SECONDS = 24 * 3600  # that a file is written for; an older one belongs to nobody
DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)
POSTGRES_DISK_FULL = "53100"  # its documentation, appendix A


class WholeFileStorage(FileSystemStorage):
    """The file system, but a name appears with the whole file."""

    def _save(self, name: str, content: Any) -> str:  # noqa: ANN401  (as Django's)
        part = str(Path(name).with_name(f"{uuid4().hex}{PART_SUFFIX}"))
        try:
            super()._save(part, content)  # type: ignore[misc]
            while True:
                try:
                    os.link(self.path(part), self.path(name))
                    return name
                except FileExistsError:
                    name = self.get_available_name(name)
        finally:
            with suppress(FileNotFoundError):
                Path(self.path(part)).unlink()


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether an error, or what caused it, is that no space is left for files or for the database."""
    if error is None:
        return False
    if isinstance(error, OSError) and error.errno in DISK_FULL_ERRORS:
        return True
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return True
    return getattr(error, "sqlstate", None) == POSTGRES_DISK_FULL or is_disk_full(error.__cause__)


def remove_unfinished_files() -> int:
    """Remove files that processes which died did not finish; return how many."""
    oldest = time.time() - MAX_PART_SECONDS
    count = 0
    for path in Path(settings.MEDIA_ROOT).rglob(f"*{PART_SUFFIX}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
                count += 1
    return count
