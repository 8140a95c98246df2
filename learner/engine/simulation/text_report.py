"""A comparison as lines of text, for a terminal."""

from collections.abc import Iterator, Sequence

from learner.engine.simulation.comparison import SCORE_SHARES, Comparison, ComparisonRow, MeanInterval

NONE = "–"


def report_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the tables: scores at the marks, what they come to, and how the search went."""
    metric = comparison.metric.replace("_", " ")
    yield f"{metric}, mean and 95 % interval over seeds, at so many training labels"
    yield from table_lines(
        ["", *map(str, comparison.marks)], [[_row_name(row), *map(format_score, row.at)] for row in comparison.rows]
    )
    yield ""
    span = f"from {comparison.span[0]} to {comparison.span[1]} labels" if comparison.span else "of no common span"
    shares = ", ".join(f"{share:.0%}" for share in SCORE_SHARES)
    yield f"area under the curve {span}, divided by it; labels to reach {shares} of the score with all labels"
    head = ["", "area", "all labels", *(f"to {share:.0%}" for share in SCORE_SHARES), "saved over random"]
    yield from table_lines(head, [_summary_cells(row) for row in comparison.rows])
    yield "saved over random: labels that random needs for its last score, divided by those needed here"
    if comparison.target:
        yield ""
        yield from _recall_rows(comparison)


def _summary_cells(row: ComparisonRow) -> list[str]:
    reached = [NONE if labels is None else str(labels) for labels in row.to_reach]
    saved = NONE if row.saved is None else f"{row.saved:.2f} x"
    return [_row_name(row), format_score(row.area), f"{row.full:.3f}", *reached, saved]


def _recall_rows(comparison: Comparison) -> Iterator[str]:
    total = f"{comparison.relevant} of {comparison.readable} items"
    yield f"search for “{comparison.target}”: {total}; recall at so many labels"
    head = ["", *map(str, comparison.marks), "labels to 95 %", "WSS@95", "ATD"]
    searched = [(row, row.search) for row in comparison.rows if row.search]
    yield from table_lines(
        head,
        [
            [
                _row_name(row),
                *map(format_score, search.recall),
                NONE if search.labels_to_95 is None else f"{search.labels_to_95.mean:.0f}",
                format_percent(search.wss95),
                ("<= " if search.atd_is_bound else "") + format_percent(search.atd),
            ]
            for row, search in searched
        ],
    )
    yield "WSS@95: work saved over sampling at 95 % recall. ATD: mean share of the items read before one is found."


def _row_name(row: ComparisonRow) -> str:
    return f"{row.strategy}, {row.estimator}"


def format_score(interval: MeanInterval | None) -> str:
    """Write a figure in [0, 1] with its interval, cut to that range."""
    if interval is None:
        return NONE
    if interval.low is None or interval.high is None:
        return f"{interval.mean:.3f}"
    return f"{interval.mean:.3f} [{max(0, interval.low):.3f}, {min(1, interval.high):.3f}]"


def format_percent(interval: MeanInterval | None) -> str:
    """Write a share as a percentage, half its interval after it."""
    if interval is None:
        return NONE
    half = "" if interval.high is None else f" ± {100 * (interval.high - interval.mean):.1f}"
    return f"{100 * interval.mean:.1f} %{half}"


def table_lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: the first column to the left, the others to the right."""
    widths = [max(len(cells[column]) for cells in [head, *rows]) for column in range(len(head))]
    for cells in [head, *rows]:
        first, *others = (
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(cells, widths, strict=True))
        )
        yield "  ".join([first, *others]).rstrip()
