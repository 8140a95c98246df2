"""The laws of the house that import-linter (`.importlinter`) does not hold: pure places, wiring, names of rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# pure is a place, not a list: whatever lies below one of these imports no framework
PURE = ("annotation/tasktypes", "annotation/formats", "annotation/text", "annotation/consensus", "learner/engine")
FRAMEWORKS = ("django", "rest_framework", "celery", "kombu", "redis")
VAGUE = {"util", "helper", "common", "core", "manager", "service", "domain", "misc"}  # and their plurals
MAX_LINES = 400


def sources(*places: str) -> Iterator[Path]:
    for place in places:
        yield from sorted((ROOT / place).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, inside functions too, but for type checking only."""
    names: set[str] = set()
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names |= {f"{node.module}.{name.name}" for name in node.names}
    return names


def _running(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


@pytest.mark.parametrize("place", PURE)
def test_pure_places_can_be_used_without_a_framework(place: str) -> None:
    """Each module is really imported, with the frameworks out of reach: what it imports in turn counts too."""
    modules = [
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for path in sources(place)
    ]
    program = f"""
import importlib, sys
for name in {FRAMEWORKS}:
    sys.modules[name] = None
for module in {modules}:
    importlib.import_module(module)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_pure_places_import_no_framework_inside_functions_either() -> None:
    bad = {
        str(path.relative_to(ROOT)): names
        for path in sources(*PURE)
        if (names := [name for name in imports(path) if name.split(".")[0] in FRAMEWORKS])
    }
    assert not bad


def test_wiring_holds_no_product_code() -> None:
    """alproject mounts and starts things; it defines no rows and draws no pages."""
    bad = {
        str(path): names
        for path in sources("alproject")
        if (names := [name for name in imports(path) if name.startswith(("django.db.models", "django.shortcuts"))])
    }
    assert not bad


def names_in(path: Path) -> set[str]:
    """Return the names of a module and of the folders it is in, without the s of a plural."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return {part.removesuffix("s") for part in parts}


def test_rooms_are_named_for_their_subject() -> None:
    assert not [path for path in sources("alproject", "annotation", "learner") if VAGUE & names_in(path)]


def test_no_room_is_too_large_to_read() -> None:
    large = {
        str(path.relative_to(ROOT)): lines
        for path in sources("alproject", "annotation", "learner")
        if "migrations" not in path.parts and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert not large


def test_the_walk_sees_imports_inside_functions(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f():\n    from django import db\n")
    assert imports(path) == {"django.db"}
