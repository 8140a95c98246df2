"""A comparison as a picture: mean curves with their 95 % bands, as PNG.

Pure; no window and no global state, so it may be drawn in any thread. Colours that people with any colour vision tell
apart: Okabe and Ito, Color Universal Design, 2008. The colour is the strategy; line and mark are the estimator.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from learner.engine.simulation.comparison import Comparison, ComparisonRow, MeanInterval

if TYPE_CHECKING:  # only the worker that draws loads matplotlib
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

LINE_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1")
LINES = ("-", "--", ":", "-.")
LINE_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DPI = 130
MAX_MARKERS = 10  # on one line
INK, GRID_COLOR = "#333333", "#D9D9D9"


def render_png(comparison: Comparison, metric_title: str) -> bytes:
    """Return the picture: the learning curves and, for a search, the recall curves beside them.

    `metric_title` is the name of the metric that the curves show.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # slow to import, and few need it
    from matplotlib.figure import Figure

    has_recall = any(row.search for row in comparison.rows)
    panels = 2 if has_recall else 1
    lines = min(len(comparison.rows), 12)
    figure = Figure(figsize=(4.9 * panels + 2.6, max(4.4, 1.6 + 0.28 * lines)), layout="constrained", dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    handles = _draw_learning_curves(axes[0], comparison, metric_title)
    if has_recall:
        _draw_recall_curves(axes[1], comparison)
    if handles:
        figure.legend(
            handles=handles, loc="outside right upper", frameon=False, fontsize=9, labelcolor=INK, handlelength=3.2
        )
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw_learning_curves(axes: Axes, comparison: Comparison, title: str) -> list[Any]:
    """Draw the curves; return what stands in the legend."""
    handles, estimators = [], _distinct_values(comparison, "estimator")
    for row in comparison.rows:
        if not row.curve:
            continue
        handles.append(_draw_curve(axes, comparison, row, row.curve))
    for name in estimators:
        full = next(row.full for row in comparison.rows if row.estimator == name)
        style = LINES[estimators.index(name) % len(LINES)]
        text = "all labels" if len(estimators) == 1 else f"all labels, {name}"
        handles.append(axes.axhline(full, color="#777777", linewidth=1.1, linestyle=style, label=text, zorder=1))
    seeds = max((interval.seeds for row in comparison.rows for _, interval in row.curve), default=0)
    band = f"mean and 95 % interval over {seeds} seeds" if seeds > 1 else "one seed"
    _fit_score_axis(axes, comparison)
    label_axes(axes, f"{title}: {band}", "Training labels", title)
    return handles


def _fit_score_axis(axes: Axes, comparison: Comparison) -> None:
    """Fit the axis to the lines; the bands of a few seeds may be so wide that nothing else were to be seen."""
    heights = [interval.mean for row in comparison.rows for _, interval in row.curve] + [
        row.full for row in comparison.rows
    ]
    if heights:
        room = max(0.3 * (max(heights) - min(heights)), 0.02)
        axes.set_ylim(max(min(heights) - room, -0.02), min(max(heights) + room, 1.02))


def _draw_recall_curves(axes: Axes, comparison: Comparison) -> None:
    for row in comparison.rows:
        if row.search:
            _draw_curve(axes, comparison, row, row.search.curve)
    axes.axhline(0.95, color="#777777", linewidth=1.1, linestyle=(0, (1, 2)), zorder=1)
    axes.set_ylim(-0.02, 1.03)
    total = f"{comparison.relevant} items of {comparison.readable}"
    label_axes(axes, f"Recall of the label searched for ({total})", "Training labels", "Recall")


def _draw_curve(
    axes: Axes, comparison: Comparison, row: ComparisonRow, curve: list[tuple[int, MeanInterval]]
) -> Line2D:
    label_counts, intervals = [labels for labels, _ in curve], [interval for _, interval in curve]
    color = _style_by_name(LINE_COLORS, _distinct_values(comparison, "strategy"), row.strategy)
    estimator_index = _distinct_values(comparison, "estimator").index(row.estimator)
    if all(interval.low is not None for interval in intervals):
        low, high = [interval.low for interval in intervals], [interval.high for interval in intervals]
        bounds = np.clip(np.array([low, high], float), 0, 1)
        axes.fill_between(label_counts, bounds[0], bounds[1], color=color, alpha=0.14, linewidth=0)
    several_estimators = len(_distinct_values(comparison, "estimator")) > 1
    (line,) = axes.plot(
        label_counts,
        [interval.mean for interval in intervals],
        color=color,
        linestyle=LINES[estimator_index % len(LINES)],
        marker=_style_by_name(LINE_MARKERS, _distinct_values(comparison, "strategy"), row.strategy),
        markersize=4,
        markevery=max(1, len(label_counts) // MAX_MARKERS),
        linewidth=1.8,
        label=f"{row.strategy}, {row.estimator}" if several_estimators else row.strategy,
    )
    return line


def _style_by_name(values: tuple[str, ...], names: list[str], name: str) -> str:
    return values[names.index(name) % len(values)]


def _distinct_values(comparison: Comparison, attribute: str) -> list[str]:
    return list(dict.fromkeys(getattr(row, attribute) for row in comparison.rows))


def label_axes(axes: Axes, title: str, x_unit: str, y_unit: str) -> None:
    """Give axes their title, units, grid and frame."""
    axes.set_title(title, loc="left", fontsize=10.5, color=INK)
    axes.set_xlabel(x_unit, fontsize=10, color=INK)
    axes.set_ylabel(y_unit, fontsize=10, color=INK)
    axes.locator_params(axis="x", integer=True)
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(visible=True, color=GRID_COLOR, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
