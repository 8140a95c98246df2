"""How a model lies on disk: model.json says what it is, model.npz has its arrays; nothing that runs when read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_model(folder: Path, kind: str, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write both files into the folder, and make it where it is not there: numbers and text only."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "model.npz", allow_pickle=False, **arrays)
    text = json.dumps({"kind": kind, **metadata}, ensure_ascii=False)
    (folder / "model.json").write_text(text, encoding="utf-8")


def read_metadata(folder: Path) -> dict[str, Any]:
    """Return the metadata and the kind; a model of before there were kinds is linear."""
    return {"kind": "linear", **json.loads((folder / "model.json").read_text(encoding="utf-8"))}


def read_model(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the metadata and the arrays that `write_model` wrote."""
    with np.load(folder / "model.npz", allow_pickle=False) as arrays:
        return read_metadata(folder), dict(arrays)
