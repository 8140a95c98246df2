"""A comparison as a picture: mean curves with their 95 % bands, as PNG.

Pure; no window and no global state, so it may be drawn in any thread. Colours that people with any colour vision tell
apart: Okabe and Ito, Color Universal Design, 2008. The colour is the strategy; line and mark are the learner.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from learner.engine.simulation.comparison import Comparison, MeanInterval, Row

if TYPE_CHECKING:  # only the worker that draws loads matplotlib
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

LINE_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1")
LINES = ("-", "--", ":", "-.")
LINE_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DPI = 130
MAX_MARKERS = 10  # on one line
INK, GRID_COLOR = "#333333", "#D9D9D9"


def png(comparison: Comparison, figure_title: str) -> bytes:
    """Return the picture: the learning curves and, for a search, the recall curves beside them.

    `figure_title` is the name of the figure that the curves show.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # slow to import, and few need it
    from matplotlib.figure import Figure

    searched = any(row.search for row in comparison.rows)
    panels = 2 if searched else 1
    lines = min(len(comparison.rows), 12)
    figure = Figure(figsize=(4.9 * panels + 2.6, max(4.4, 1.6 + 0.28 * lines)), layout="constrained", dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    handles = _learning(axes[0], comparison, figure_title)
    if searched:
        _recall(axes[1], comparison)
    if handles:
        figure.legend(
            handles=handles, loc="outside right upper", frameon=False, fontsize=9, labelcolor=INK, handlelength=3.2
        )
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _learning(axes: Axes, comparison: Comparison, title: str) -> list[Any]:
    """Draw the curves; return what stands in the legend."""
    handles, learners = [], _names(comparison, "estimator")
    for row in comparison.rows:
        if not row.curve:
            continue
        handles.append(_line(axes, comparison, row, row.curve))
    for name in learners:
        full = next(row.full for row in comparison.rows if row.estimator == name)
        style = LINES[learners.index(name) % len(LINES)]
        text = "all labels" if len(learners) == 1 else f"all labels, {name}"
        handles.append(axes.axhline(full, color="#777777", linewidth=1.1, linestyle=style, label=text, zorder=1))
    seeds = max((one.seeds for row in comparison.rows for _, one in row.curve), default=0)
    band = f"mean and 95 % interval over {seeds} seeds" if seeds > 1 else "one seed"
    _limit(axes, comparison)
    _frame(axes, f"{title}: {band}", title)
    return handles


def _limit(axes: Axes, comparison: Comparison) -> None:
    """Fit the axis to the lines; the bands of a few seeds may be so wide that nothing else were to be seen."""
    heights = [one.mean for row in comparison.rows for _, one in row.curve] + [row.full for row in comparison.rows]
    if heights:
        room = max(0.3 * (max(heights) - min(heights)), 0.02)
        axes.set_ylim(max(min(heights) - room, -0.02), min(max(heights) + room, 1.02))


def _recall(axes: Axes, comparison: Comparison) -> None:
    for row in comparison.rows:
        if row.search:
            _line(axes, comparison, row, row.search.curve)
    axes.axhline(0.95, color="#777777", linewidth=1.1, linestyle=(0, (1, 2)), zorder=1)
    axes.set_ylim(-0.02, 1.03)
    total = f"{comparison.relevant} items of {comparison.readable}"
    _frame(axes, f"Recall of the label searched for ({total})", "Recall")


def _line(axes: Axes, comparison: Comparison, row: Row, curve: list[tuple[int, MeanInterval]]) -> Line2D:
    x, y = [labels for labels, _ in curve], [one for _, one in curve]
    color = _of(LINE_COLORS, _names(comparison, "strategy"), row.strategy)
    place = _names(comparison, "estimator").index(row.estimator)
    if all(one.low is not None for one in y):
        low, high = [one.low for one in y], [one.high for one in y]
        bounds = np.clip(np.array([low, high], float), 0, 1)
        axes.fill_between(x, bounds[0], bounds[1], color=color, alpha=0.14, linewidth=0)
    several = len(_names(comparison, "estimator")) > 1
    (line,) = axes.plot(
        x,
        [one.mean for one in y],
        color=color,
        linestyle=LINES[place % len(LINES)],
        marker=_of(LINE_MARKERS, _names(comparison, "strategy"), row.strategy),
        markersize=4,
        markevery=max(1, len(x) // MAX_MARKERS),
        linewidth=1.8,
        label=f"{row.strategy}, {row.estimator}" if several else row.strategy,
    )
    return line


def _of(values: tuple[str, ...], names: list[str], name: str) -> str:
    return values[names.index(name) % len(values)]


def _names(comparison: Comparison, attribute: str) -> list[str]:
    return list(dict.fromkeys(getattr(row, attribute) for row in comparison.rows))


def _frame(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=10.5, color=INK)
    axes.set_xlabel("Training labels", fontsize=10, color=INK)
    axes.set_ylabel(unit, fontsize=10, color=INK)
    axes.locator_params(axis="x", integer=True)
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(visible=True, color=GRID_COLOR, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
