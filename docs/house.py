"""Draw the house: every room of the apps on its floor, from the imports. Run by `make house`.

A room is a module or a package of an app (of the engine: one of its packages). Its floor is one above the highest
room that it imports, so every import runs down; `make lint` fails on one that does not.
"""

import ast
import sys
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = Path(__file__).parent / "images" / "house.svg"
COLUMNS = (("alproject", "learner"), ("learner.engine",), ("annotation",))
COLUMN, FLOOR_WIDTH, MARGIN, ROOM_HEIGHT, GAP, CHARACTER = 400, 30, 24, 30, 10, 8  # pixels
STYLE = """
text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1f2328; }
.app { font-size: 17px; font-weight: 600; } .floor { fill: #6e7781; font-size: 11px; }
rect { fill: #f6f8fa; stroke: #8c959f; } rect.pure { fill: #e6f4ea; stroke: #4f9a68; }
svg { background: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .floor { fill: #9198a1; } svg { background: #0d1117; }
  rect { fill: #161b22; stroke: #6e7681; } rect.pure { fill: #12261a; stroke: #3f8f5a; }
}
"""
PURE = {"annotation.tasktypes", "annotation.formats", "annotation.text", "annotation.consensus", "learner.engine"}


def rooms(graph: grimp.ImportGraph, app: str) -> dict[str, set[str]]:
    """Return {room of an app: rooms of the same app that it imports}."""
    children = sorted(child for child in graph.find_children(app) if not child.endswith(("migrations", "locale")))
    inside = {child: {child, *graph.find_descendants(child)} for child in children}
    owner = {module: room for room, modules in inside.items() for module in modules}
    return {
        room: {
            owner[target]
            for module in modules
            for target in graph.find_modules_directly_imported_by(module)
            if owner.get(target, room) != room
        }
        for room, modules in inside.items()
    }


def floors(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the rooms by floor, the ground floor first. Raises ValueError where rooms import each other."""

    @cache
    def floor(room: str, above: frozenset[str] = frozenset()) -> int:
        if room in above:
            raise ValueError(f"{room} imports itself through others.")
        return 1 + max((floor(below, above | {room}) for below in imports[room]), default=-1)

    levels = {room: floor(room) for room in imports}
    return [sorted(room for room in levels if levels[room] == level) for level in range(max(levels.values()) + 1)]


def subject(room: str) -> str:
    """Return the first sentence of a room's docstring."""
    path = ROOT / room.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n\n")[0].replace("\n", " ")


def draw_app(graph: grimp.ImportGraph, app: str, left: int, top: int) -> tuple[list[str], int]:
    """Return the shapes of an app in a column that begins at (left, top), and where it ends."""
    parts = [f'<text class="app" x="{left}" y="{top + 16}">{app.replace(".", "/")}/</text>']
    top += 28
    levels = floors(rooms(graph, app))
    for level in range(len(levels) - 1, -1, -1):
        parts.append(f'<text class="floor" x="{left}" y="{top + 19}">{level}</text>')
        x = left + FLOOR_WIDTH
        for room in levels[level]:
            name = room.removeprefix(f"{app}.")
            width = round(20 + CHARACTER * len(name))
            if x + width > left + COLUMN:
                x, top = left + FLOOR_WIDTH, top + ROOM_HEIGHT + 4
            pure = ' class="pure"' if app == "learner.engine" or room in PURE else ""
            parts.append(
                f'<g><title>{escape(subject(room))}</title><rect{pure} x="{x}" y="{top}" width="{width}" '
                f'height="{ROOM_HEIGHT}" rx="4"/><text x="{x + 10}" y="{top + 20}">{name}</text></g>'
            )
            x += width + GAP
        top += ROOM_HEIGHT + GAP
    return parts, top + MARGIN


def draw(graph: grimp.ImportGraph) -> str:
    """Return the picture as SVG: the apps of a column below each other, the columns side by side."""
    parts: list[str] = []
    bottoms: list[int] = []
    for number, apps in enumerate(COLUMNS):
        top = MARGIN
        for app in apps:
            shapes, top = draw_app(graph, app, MARGIN + number * (COLUMN + MARGIN), top)
            parts += shapes
        bottoms.append(top)
    width, height = MARGIN + len(COLUMNS) * (COLUMN + MARGIN), max(bottoms)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="The rooms of each app by floor; every import runs down"><style>{STYLE}</style>'
        + "\n".join(parts)
        + "</svg>\n"
    )


def main() -> None:
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph("alproject", "annotation", "learner", exclude_type_checking_imports=True)
    picture = draw(graph)
    if "--check" in sys.argv:
        sys.exit(0 if PICTURE.read_text(encoding="utf-8") == picture else "The picture is old: run `make house`.")
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
