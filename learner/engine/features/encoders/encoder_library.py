"""The encoders that the operators have added, one folder each, and which of them is in use.

<root>/<name>/       see stored_encoder
<root>/in_use.json   {kind of encoder: name}
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from learner.engine.features.encoders.stored_encoder import METADATA_FILE, StoredEncoder, read_stored_encoder

IN_USE_FILE = "in_use.json"


@dataclass(frozen=True)
class EncoderLibrary:
    """All encoders under one folder, which need not exist."""

    root: Path

    def encoders(self) -> list[StoredEncoder]:
        """Return what has been added, by name."""
        folders = sorted(path.parent for path in self.root.glob(f"*/{METADATA_FILE}"))
        return [stored for folder in folders if (stored := read_stored_encoder(folder)) is not None]

    def folder(self, name: str) -> Path:
        """Return where an encoder lies."""
        return self.root / name

    def in_use(self, kind: str) -> Path | None:
        """Return the folder of the encoder that projects use; None where there is none of that kind."""
        name = self._names_in_use().get(kind)
        if name is None or read_stored_encoder(self.root / name) is None:
            return None
        return self.root / name

    def use(self, name: str) -> StoredEncoder:
        """Let projects use an encoder from now on, and return it. Raises KeyError where there is none of that name."""
        stored = self._named(name)
        self._write_names_in_use({**self._names_in_use(), stored.kind: stored.name})
        return stored

    def remove(self, name: str) -> StoredEncoder:
        """Delete an encoder; projects that used it go on without. Raises KeyError where there is none of that name."""
        stored = self._named(name)
        used = {kind: other for kind, other in self._names_in_use().items() if other != stored.name}
        self._write_names_in_use(used)
        shutil.rmtree(self.root / stored.name)
        return stored

    def _named(self, name: str) -> StoredEncoder:
        return {stored.name: stored for stored in self.encoders()}[name]

    def _names_in_use(self) -> dict[str, str]:
        try:
            names = json.loads((self.root / IN_USE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {kind: name for kind, name in names.items() if isinstance(name, str)} if isinstance(names, dict) else {}

    def _write_names_in_use(self, names: dict[str, str]) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        new = self.root / f"{IN_USE_FILE}.{os.getpid()}.new"
        new.write_text(json.dumps(names), encoding="utf-8")
        new.replace(self.root / IN_USE_FILE)
