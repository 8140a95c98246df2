"""Who may import whom, read from the sources: alproject -> learner -> annotation, and pure cores that know neither."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PURE = (
    "annotation/tasktypes",
    "annotation/formats",
    "annotation/formats/image_reading.py",
    "annotation/agreement.py",
    "annotation/errors.py",
    "annotation/tasktypes/label_ranking.py",
    "annotation/sequences",
    "annotation/lazy_text.py",
    "annotation/project_settings.py",
    "learner/strategies",
    "learner/estimators",
    "learner/features",
    "learner/sequences",
    "learner/detection",
    "learner/factors",
    "learner/engine/statistics/estimates.py",
    "learner/engine/arrays/sparse.py",
    "learner/engine/arrays/blas_threads.py",
    "learner/engine/storage/append_only_arrays.py",
    "learner/measures",
    "learner/engine/catalogue.py",
    "learner/engine/task_profiles.py",
    "learner/stopping",
    "learner/engine/loop/fixed_orders.py",
    "learner/engine/loop/iteration.py",
    "learner/engine/simulation/replay.py",
    "learner/engine/simulation/experiments.py",
    "learner/engine/simulation/comparison.py",
    "learner/engine/simulation/text_report.py",
    "learner/engine/simulation/plot.py",
    "learner/engine/simulation/dataset.py",
)
# what a pure file may know of this project besides the other pure ones: nothing
PURE_MODULES = tuple(place.removesuffix(".py").replace("/", ".") for place in PURE)
SAID_BY_NOBODY = {"utils", "helpers", "common", "core", "manager", "misc"}


def sources(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists()


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, inside functions too, but for type checking only."""
    found: set[str] = set()
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def _running(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def strangers(path: Path, *forbidden: str) -> list[str]:
    return sorted(name for name in imports(path) if name.split(".")[0] in forbidden)


@pytest.mark.parametrize("place,forbidden", [("annotation", ("learner", "alproject")), ("learner", ("alproject",))])
def test_an_app_never_imports_what_is_above_it(place: str, forbidden: tuple[str, ...]) -> None:
    found = {str(path): bad for path in sources(place) if (bad := strangers(path, *forbidden))}
    assert not found


def test_pure_files_know_no_framework_and_no_rows() -> None:
    found = {}
    for path in sources(*PURE):
        bad = strangers(path, "django", "rest_framework", "celery", "redis", "alproject")
        own = [name for name in imports(path) if name.split(".")[0] in ("annotation", "learner")]
        bad += [name for name in own if not name.startswith(PURE_MODULES)]
        if bad:
            found[str(path.relative_to(ROOT))] = bad
    assert not found


def test_wiring_holds_no_product_code() -> None:
    """alproject mounts and starts things; it defines no rows and draws no pages."""
    found = {
        str(path): bad
        for path in sources("alproject")
        if (bad := [name for name in imports(path) if name.startswith(("django.db.models", "django.shortcuts"))])
    }
    assert not found


def test_rooms_are_named_for_their_subject() -> None:
    found = [path for path in sources("alproject", "annotation", "learner") if path.stem in SAID_BY_NOBODY]
    assert not found


def test_the_walk_sees_imports_inside_functions(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f():\n    from learner.rounds import due\n")
    assert strangers(path, "learner") == ["learner.rounds.running.due"]
