"""What is written down about a version of features, and small files that are there whole or not at all."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STORE_FORMAT = 2  # raise it when the same texts get other numbers: everything is built again


@dataclass(frozen=True)
class VersionState:
    """One version of a project's features."""

    feature_set: str
    dimensions: int
    fitted: int  # items in the pool when it was fitted
    rows: int = 0  # whole ones
    entries: int = 0  # of a sparse matrix
    sparse: bool = False
    plain_dimensions: int = 0  # columns before those of an encoder; 0 where there is one set of columns
    is_encoder_readable: bool = True  # whether the encoder knows what the items are made of
    format: int = STORE_FORMAT


def read_state(folder: Path) -> VersionState | None:
    stored = read_json(folder / "state.json")
    try:
        return VersionState(**stored)
    except TypeError:
        return None


def read_json(path: Path) -> dict[str, Any]:
    """Return what a small file holds; nothing when it is not there or not ours."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a small file so that there is always the old one or the new one."""
    new_path = path.with_name(f"{path.name}.{os.getpid()}.new")
    with new_path.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    new_path.replace(path)
