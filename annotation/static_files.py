"""The scripts and styles of the pages: an address that changes with them, and which module imports which. Pure.

The address has a digest in its folder rather than in each file's name: modules and styles name each other relatively,
and so need not be rewritten. Browsers keep what they got for good.
"""

import hashlib
import posixpath
import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

OTHER_PACKAGES = ("drf-spectacular-sidecar",)  # what other packages bring changes with their version
_DIGEST_CHARACTERS = 12
_DIGEST = re.compile(f"^[0-9a-f]{{{_DIGEST_CHARACTERS}}}/")
# the static ones, which a browser would find only once it has the module that names them; one line or several
_IMPORT = re.compile(r'^(?:import\s*|(?:import|export)\b[\w\s{},*$]*?\bfrom\s*)"(\.{1,2}/[^"]+)"', re.MULTILINE)


def digest_of_folders(folders: Sequence[Path]) -> str:
    """Return a digest of the names and contents of all files there. O(bytes): some two megabytes are Margin's."""
    digest = hashlib.sha256(" ".join(map(version, OTHER_PACKAGES)).encode())
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()[:_DIGEST_CHARACTERS]


def without_digest(path: str) -> str:
    """Return the path of a file without the digest before it, whichever that is."""
    return _DIGEST.sub("", path)


@cache
def with_imported_modules(root: Path, modules: tuple[str, ...]) -> tuple[str, ...]:
    """Return the modules and all that they import, directly or not, each once; names are relative to the root."""
    found = dict.fromkeys(modules)
    waiting = list(found)
    while waiting:
        module = waiting.pop(0)
        for name in _IMPORT.findall((root / module).read_text(encoding="utf-8")):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(module), name))
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)
