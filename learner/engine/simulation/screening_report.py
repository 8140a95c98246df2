"""Replayed screenings as lines of text, as CSV and as a plot."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

import numpy as np

from learner.engine.screening.metrics import recall_curve
from learner.engine.simulation.comparison import mean_interval
from learner.engine.simulation.plot import DPI, INK, LINE_COLORS, label_axes
from learner.engine.simulation.screening_replay import RECALL_SHARES
from learner.engine.simulation.text_report import format_percent, format_score, table_lines

if TYPE_CHECKING:  # only who replays needs the loop
    from learner.engine.simulation.screening_replay import ScreeningResult

PLOTTED_SHARES = 101  # points of a curve


def screening_report_lines(results: Sequence[ScreeningResult]) -> Iterator[str]:
    """Yield a table with a line for each strategy: means over seeds with their 95 % intervals."""
    yield "found: share of the relevant records found after reading that share of all"
    head = ["", "loss", "WSS@95", "ATD", *(f"found at {share:.0%}" for share in RECALL_SHARES), "CPU a round"]
    yield from table_lines(head, [_report_cells(name, group) for name, group in _by_strategy(results).items()])
    yield "loss: 0 where all relevant records come first, 1 where they come last. WSS@95: work saved over sampling at"
    yield "95 % recall. ATD: records read until a relevant one is found, on average. All as ASReview computes them,"
    yield "without the records known at the start."


def screening_points_csv(results: Sequence[ScreeningResult]) -> str:
    """Return a line of CSV for each relevant record found: which it is, and after how many records."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["strategy", "seed", "read", "found", "recall"])
    for result in results:
        found_at = np.flatnonzero(result.is_relevant) + 1
        for found, read in enumerate(found_at.tolist(), start=1):
            writer.writerow([result.strategy, result.seed, read, found, round(found / len(found_at), 6)])
    return text.getvalue()


def render_recall_png(results: Sequence[ScreeningResult], title: str) -> bytes:
    """Return a picture of the recall curves, thin for each seed, and of a random order to compare with."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # slow to import, and few need it
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.4), layout="constrained", dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shares = np.linspace(0, 1, PLOTTED_SHARES)
    for color, (name, group) in zip(np.resize(LINE_COLORS, len(results)), _by_strategy(results).items(), strict=False):
        for index, result in enumerate(group):
            recall = np.concatenate([[0], recall_curve(result.is_relevant)])
            read = np.linspace(0, 1, len(recall))
            label = name if index == 0 else None
            axes.plot(100 * shares, np.interp(shares, read, recall), color=str(color), linewidth=1.2, label=label)
    axes.plot([0, 100], [0, 1], color="#777777", linewidth=1.1, linestyle="--", label="random order")
    axes.axhline(0.95, color="#777777", linewidth=1.1, linestyle=(0, (1, 2)), zorder=1)
    label_axes(axes, title, "Records read, %", "Recall")
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _by_strategy(results: Sequence[ScreeningResult]) -> dict[str, list[ScreeningResult]]:
    groups: dict[str, list[ScreeningResult]] = {}
    for result in results:
        groups.setdefault(result.strategy, []).append(result)
    return groups


def _report_cells(name: str, group: Sequence[ScreeningResult]) -> list[str]:
    recall = np.array([result.recall_at_shares for result in group])
    cpu_seconds = np.mean([result.cpu_seconds_per_round for result in group])
    return [
        name,
        format_score(mean_interval([result.loss for result in group])),
        format_percent(mean_interval([result.wss95 for result in group])),
        f"{np.mean([result.atd for result in group]):.0f}",
        *(format_percent(mean_interval(column)) for column in recall.T),
        f"{1000 * cpu_seconds:.0f} ms",
    ]
