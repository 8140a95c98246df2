"""One name for one thing: a class or constant that stands in two modules has one meaning, which is listed here."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{2,}")

# name -> why several modules have it
ALLOWED = {
    "Command": "Django asks for this name in each management command.",
    "TASK_TYPE": "Each task type is a file that exports itself so; the registry imports them.",
    "KIND": "Each kind of encoder is a file that exports itself so.",
    "ENCODERS": "The operator's setting, and by the same keys what it loads.",
    "TEXT": "A content kind, and how it is learnt from.",
    "TEXT_PAIR": "A content kind, and how it is learnt from.",
    "IMAGE": "A content kind, and how it is learnt from.",
    "TABLE_ROW": "A content kind, and how it is learnt from.",
    "PAIR": "A content kind, and how it is learnt from.",
    "USER_AND_PRODUCT": "A content kind, and how it is learnt from.",
    "EXPECTED_FORM": "The sentence about the form of a value, of each answer kind.",
    "NAME": "The name of an archive format.",
    "TITLE": "The title of an archive format.",
    "SEED": "Of the bootstrap of a figure: fixed, so that the same answers give the same interval.",
    "RESAMPLES": "Of the bootstrap of a figure.",
    "CHUNK_ROWS": "Rows that a loop reads or writes at once.",
    "MAX_SHOWN": "Rows on a page.",
    "PREVIEW_ROWS": "Rows of a preview, of an import or of an export.",
    "POLL_SECONDS": "Between two looks at what one waits for.",
    "HELD_OUT_SHARE": "Share of the labelled items that does not train.",
    "DEFAULT_MEASURE": "The uncertainty measure of a kind of model.",
    "DIMENSIONS": "Columns of a feature set.",
    "POWER_ITERATIONS": "Of a randomized SVD.",
    "SEPARATOR": "Between the values of one cell.",
    "BATCH_IMAGES": "Images in a network at once.",
    "LONGEST_PIXELS": "Bounds of an image's longer side in training, of each detector.",
    "SMALL_BOX_PIXELS": "Side of a small box in training, of each detector.",
    "MAX_TRAINING_IMAGES": "Images that a detector trains on.",
    "MAX_TEXT_CHARACTERS": "Characters of a text that are kept or read.",
    "MAX_BOXES": "Boxes of one image.",
    "NO_DETECTIONS": "An image, or a round, without detections.",
}


def names() -> dict[str, set[str]]:
    """Return {class or constant: the modules that define it}."""
    found: dict[str, set[str]] = defaultdict(set)
    for app in ("alproject", "annotation", "learner", "margin"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for name in _defined(ast.parse(path.read_text(encoding="utf-8"))):
                found[name].add(str(path.relative_to(ROOT)))
    return found


def _defined(module: ast.Module) -> set[str]:
    defined: set[str] = set()
    for statement in module.body:
        if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
            defined.add(statement.name)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
        inside = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        defined |= {node.id for node in inside if CONSTANT.fullmatch(node.id)}
    return defined


def test_a_name_stands_for_one_thing() -> None:
    twice = {name: sorted(modules) for name, modules in names().items() if len(modules) > 1}
    assert {name: modules for name, modules in twice.items() if name not in ALLOWED} == {}


def test_no_exception_is_left_behind() -> None:
    twice = {name for name, modules in names().items() if len(modules) > 1}
    assert sorted(set(ALLOWED) - twice) == []
