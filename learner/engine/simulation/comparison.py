"""What many replays say together: means over seeds with intervals, areas, labels needed, labels saved.

Pure. Between two points of a learning curve the line is straight; before the first one there is nothing.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # who only shows a comparison needs no learners
    from learner.engine.simulation.experiments import TrialResult

SHARES = (0.90, 0.95, 0.99)  # of the score with all labels
RECALL = 0.95
BASELINE = "random"
RECALL_POINTS = 40  # of a recall curve

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeanInterval:
    """A mean over seeds and its 95 % interval by Student's t; the bounds are None for a single seed."""

    mean: float
    low: float | None
    high: float | None
    seeds: int

    @classmethod
    def from_json(cls, facts: Mapping[str, Any] | None) -> MeanInterval | None:
        return None if facts is None else cls(**facts)


def _all(facts: Sequence[Any]) -> list[Any]:
    return [MeanInterval.from_json(one) for one in facts]


def _line(facts: Sequence[Any]) -> list[tuple[int, MeanInterval]]:
    return [(labels, MeanInterval(**one)) for labels, one in facts]


@dataclass(frozen=True)
class RecallMetrics:
    """How soon the items with one label were found; None where a seed's budget ended before that."""

    recall: list[MeanInterval]  # at each mark
    labels_to_95: MeanInterval | None  # until 95 % of them were found
    wss95: MeanInterval | None  # work saved over sampling: (N - labels) / N - 0.05
    atd: MeanInterval | None  # average time to discovery, as a share of N
    atd_is_bound: bool  # some were not found within the budget; they count as found last
    curve: list[tuple[int, MeanInterval]]  # recall after so many labels, for a plot

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> RecallMetrics:
        single = {name: MeanInterval.from_json(facts[name]) for name in ("labels_to_95", "wss95", "atd")}
        return cls(**facts | single | {"recall": _all(facts["recall"]), "curve": _line(facts["curve"])})


@dataclass(frozen=True)
class Row:
    """One strategy with one learner."""

    strategy: str
    estimator: str
    at: list[MeanInterval | None]  # the score at each mark; None before the first model
    area: MeanInterval | None  # under the curve, over the span that all curves have in common, divided by it
    full: float  # the score with all labels
    to_reach: list[int | None]  # labels until the mean reaches each of SHARES of that; None: not within the budget
    saved: float | None  # labels that random needs for its last score over those needed here; None: never reached
    search: RecallMetrics | None
    curve: list[tuple[int, MeanInterval]]  # for a plot

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Row:
        search = None if facts["search"] is None else RecallMetrics.from_json(facts["search"])
        found = {"at": _all(facts["at"]), "area": MeanInterval.from_json(facts["area"]), "curve": _line(facts["curve"])}
        return cls(**facts | found | {"search": search})


@dataclass(frozen=True)
class Comparison:
    """All rows."""

    metric: str
    marks: list[int]
    span: tuple[int, int] | None  # of the area
    target: str
    relevant: int  # items with that label; of several seeds' test samples the largest
    readable: int
    rows: list[Row]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Comparison:
        """Read what `as_json` gave, by way of JSON."""
        span = None if facts["span"] is None else tuple(facts["span"])
        return cls(**facts | {"span": span, "rows": [Row.from_json(row) for row in facts["rows"]]})


def spread(values: Sequence[float] | Floats) -> MeanInterval:
    """Return the mean and its 95 % interval: mean +- t sd / sqrt(n), two-sided, n - 1 degrees of freedom.

    >>> found = spread([1.0, 2.0, 3.0])
    >>> found.mean, round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    numbers = np.asarray(values, float)
    n, mean = len(numbers), float(np.mean(numbers))
    if n < 2:
        return MeanInterval(mean, None, None, n)
    from scipy.special import stdtrit  # slow to import, and who only shows intervals does not need it

    half = float(stdtrit(n - 1, 0.975) * numbers.std(ddof=1) / math.sqrt(n))
    return MeanInterval(mean, mean - half, mean + half, n)


def compare(
    results: Sequence[TrialResult],
    full: dict[str, dict[str, float]],
    marks: Sequence[int],
    metric: str = "accuracy",
    target: str = "",
) -> Comparison:
    """Sum up the trials, a row for each strategy and learner, in the order of their first trial.

    `full` is {learner: {metric: score with all labels}}. Raises ValueError for a metric that is not among them.
    """
    for scores in full.values():
        if metric not in scores:
            raise ValueError(f"{metric} is none of: {', '.join(scores)}.")
    groups: dict[tuple[str, str], list[TrialResult]] = {}
    for one in results:
        groups.setdefault((one.trial.strategy, one.trial.estimator), []).append(one)
    curves = {key: [_curve(one, metric) for one in group if one.points] for key, group in groups.items()}
    span = _span([curve for group in curves.values() for curve in group])
    lines = {key: _mean_curve(group) for key, group in curves.items()}
    rows = []
    for key, group in groups.items():
        strategy, estimator = key
        score = full[estimator][metric]
        rows.append(
            Row(
                strategy=strategy,
                estimator=estimator,
                at=[_at(curves[key], mark) for mark in marks],
                area=spread([area(*curve, *span) for curve in curves[key]]) if span and curves[key] else None,
                full=score,
                to_reach=[first_reach(lines[key], share * score) for share in SHARES],
                saved=_saved(lines[key], lines.get((BASELINE, estimator), [])),
                search=_search(group, marks) if target else None,
                curve=lines[key],
            )
        )
    return Comparison(
        metric,
        list(marks),
        span,
        target,
        max((one.relevant for one in results), default=0),
        max((one.readable for one in results), default=0),
        rows,
    )


def default_marks(budget: int) -> list[int]:
    """Return the numbers of labels at which to read the curves.

    >>> default_marks(300)
    [50, 100, 200, 300]
    """
    steps = (25, 50, 100, 200, 500, 1000, 2000, 5000, 10_000) if budget < 50 else (50, 100, 200, 500, 1000, 2000, 5000)
    return [step for step in steps if step < budget] + [budget]


def _curve(one: TrialResult, metric: str) -> tuple[Floats, Floats]:
    """Return labels and scores of one replay."""
    labels = np.array([point.labels for point in one.points], float)
    return labels, np.array([point.figures[metric] for point in one.points], float)


def area(labels: Floats, scores: Floats, low: float, high: float) -> float:
    """Return the mean height of a curve from `low` to `high` labels, by the trapezoid rule.

    >>> area(np.array([0.0, 10.0]), np.array([0.0, 1.0]), 0, 10)
    0.5
    """
    if high <= low:
        return float(np.interp(low, labels, scores))
    inside = labels[(labels > low) & (labels < high)]
    places = np.concatenate([[low], inside, [high]])
    return float(np.trapezoid(np.interp(places, labels, scores), places) / (high - low))


def _span(curves: Sequence[tuple[Floats, Floats]]) -> tuple[int, int] | None:
    """Return the stretch on which every curve is known: a strategy whose first model comes late gains nothing by it."""
    if not curves:
        return None
    low, high = max(labels[0] for labels, _ in curves), min(labels[-1] for labels, _ in curves)
    return (int(low), int(high)) if low <= high else None


def _at(curves: Sequence[tuple[Floats, Floats]], mark: int) -> MeanInterval | None:
    """Return the score at a number of labels; None when a seed has no model yet, or has ended before."""
    if not curves or any(mark < labels[0] or mark > labels[-1] for labels, _ in curves):
        return None
    return spread([float(np.interp(mark, labels, scores)) for labels, scores in curves])


def _mean_curve(curves: Sequence[tuple[Floats, Floats]]) -> list[tuple[int, MeanInterval]]:
    """Return the mean over seeds at every number of labels that any of them has, where all are known."""
    places = sorted({int(place) for labels, _ in curves for place in labels})
    found = [(place, _at(curves, place)) for place in places]
    return [(place, one) for place, one in found if one is not None]


def first_reach(curve: Sequence[tuple[int, MeanInterval]], score: float) -> int | None:
    """Return the labels at which a mean curve first is as high as `score`; None when it never is."""
    return next((labels for labels, one in curve if one.mean >= score - 1e-12), None)


def _saved(curve: Sequence[tuple[int, MeanInterval]], baseline: Sequence[tuple[int, MeanInterval]]) -> float | None:
    if not baseline:
        return None
    last = baseline[-1][1].mean
    needed, by_lot = first_reach(curve, last), first_reach(baseline, last)
    return by_lot / needed if needed and by_lot else None


# Searching for one label


def needed_for(found_at: Sequence[int], relevant: int, recall: float = RECALL) -> int | None:
    """Return the labels until that share of the relevant items was found; None when it was not."""
    count = math.ceil(recall * relevant - 1e-9)
    return found_at[count - 1] if 0 < count <= len(found_at) else None


def wss(labels: int, readable: int, recall: float = RECALL) -> float:
    """Return the work saved over sampling at a recall: (N - n) / N - (1 - recall).

    Cohen, Hersh, Peterson, Yen, Reducing workload in systematic review preparation, JAMIA 2006.
    """
    return (readable - labels) / readable - (1 - recall)


def discovery(found_at: Sequence[int], relevant: int, readable: int) -> float:
    """Return the average time to discovery as a share of all items; one that was not found counts as found last.

    Ferdinands et al., Performance of active learning models for screening prioritization, Systematic Reviews 2023.
    """
    return float((sum(found_at) + (relevant - len(found_at)) * readable) / (relevant * readable))


def _search(group: Sequence[TrialResult], marks: Sequence[int]) -> RecallMetrics | None:
    if not all(one.relevant for one in group):
        return None
    needed = [needed_for(one.found_at, one.relevant) for one in group]
    reached = [(labels, one.readable) for labels, one in zip(needed, group, strict=True) if labels is not None]
    complete = len(reached) == len(group)
    last = max((point.labels for one in group for point in one.points[-1:]), default=0)
    return RecallMetrics(
        recall=[recall_after(group, mark) for mark in marks],
        labels_to_95=spread([labels for labels, _ in reached]) if complete else None,
        wss95=spread([wss(labels, readable) for labels, readable in reached]) if complete else None,
        atd=spread([discovery(one.found_at, one.relevant, one.readable) for one in group]),
        atd_is_bound=any(len(one.found_at) < one.relevant for one in group),
        curve=[
            (int(step), recall_after(group, step))
            for step in np.unique(np.linspace(0, last, RECALL_POINTS).astype(int))
        ],
    )


def recall_after(group: Sequence[TrialResult], labels: int) -> MeanInterval:
    """Return the share of the relevant items that were found within so many labels."""
    return spread([float(np.sum(np.array(one.found_at) <= labels)) / one.relevant for one in group])


def points_csv(results: Sequence[TrialResult]) -> str:
    """Return every point of every curve as a line of CSV, below the names of the columns."""
    text = StringIO()
    figures = list(dict.fromkeys(key for one in results for point in one.points for key in point.figures))
    before = ("strategy", "learner", "seed", "labels", "answers", "judged_by")
    writer = csv.DictWriter(text, (*before, *figures, "found", "recall"))
    writer.writeheader()
    writer.writerows(_points(results))
    return text.getvalue()


def _points(results: Sequence[TrialResult]) -> list[dict[str, Any]]:
    records = []
    for one in results:
        at = np.array(one.found_at)
        for point in one.points:
            found = int(np.sum(at <= point.labels))
            records.append(
                {
                    "strategy": one.trial.strategy,
                    "learner": one.trial.estimator,
                    "seed": one.trial.seed,
                    "labels": point.labels,
                    "answers": point.answers,
                    "judged_by": point.n,
                    **{key: round(value, 6) for key, value in point.figures.items()},
                    "found": found if one.relevant else "",
                    "recall": round(found / one.relevant, 6) if one.relevant else "",
                }
            )
    return records
