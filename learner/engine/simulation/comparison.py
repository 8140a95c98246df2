"""Many simulations compared: means over seeds with intervals, areas under the curves, labels needed, labels saved.

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

from learner.engine.screening.metrics import work_saved

if TYPE_CHECKING:  # who only shows a comparison needs no estimators
    from learner.engine.simulation.experiments import TrialResult

SCORE_SHARES = (0.90, 0.95, 0.99)  # of the score with all labels
RECALL_GOAL = 0.95
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
    def from_json(cls, stored: Mapping[str, Any] | None) -> MeanInterval | None:
        return None if stored is None else cls(**stored)


def _intervals_from_json(stored: Sequence[Any]) -> list[Any]:
    return [MeanInterval.from_json(interval) for interval in stored]


def _curve_from_json(stored: Sequence[Any]) -> list[tuple[int, MeanInterval]]:
    return [(labels, MeanInterval(**interval)) for labels, interval in stored]


@dataclass(frozen=True)
class RecallMetrics:
    """How soon the items with one label were found; None where a seed's budget ended before that."""

    recall: list[MeanInterval]  # at each of `marks`
    labels_to_95: MeanInterval | None  # until 95 % of them were found
    wss95: MeanInterval | None  # work saved over sampling: (N - labels) / N - 0.05
    atd: MeanInterval | None  # average time to discovery, as a share of N
    atd_is_bound: bool  # some were not found within the budget; they count as found last
    curve: list[tuple[int, MeanInterval]]  # recall after so many labels, for a plot

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RecallMetrics:
        single = {name: MeanInterval.from_json(stored[name]) for name in ("labels_to_95", "wss95", "atd")}
        return cls(
            **stored
            | single
            | {"recall": _intervals_from_json(stored["recall"]), "curve": _curve_from_json(stored["curve"])}
        )


@dataclass(frozen=True)
class ComparisonRow:
    """One strategy with one estimator."""

    strategy: str
    estimator: str
    at: list[MeanInterval | None]  # the score at each of `marks`; None before the first model
    area: MeanInterval | None  # under the curve, over the span that all curves have in common, divided by it
    full: float  # the score with all labels
    to_reach: list[
        int | None
    ]  # labels until the mean reaches each of SCORE_SHARES of that; None: not within the budget
    saved: float | None  # labels that random needs for its last score over those needed here; None: never reached
    search: RecallMetrics | None
    curve: list[tuple[int, MeanInterval]]  # for a plot

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> ComparisonRow:
        search = None if stored["search"] is None else RecallMetrics.from_json(stored["search"])
        fields = {
            "at": _intervals_from_json(stored["at"]),
            "area": MeanInterval.from_json(stored["area"]),
            "curve": _curve_from_json(stored["curve"]),
        }
        return cls(**stored | fields | {"search": search})


@dataclass(frozen=True)
class Comparison:
    """All rows."""

    metric: str
    marks: list[int]  # numbers of labels at which curves are read
    span: tuple[int, int] | None  # of the area
    target: str
    relevant: int  # items with that label; of several seeds' test samples the largest
    readable: int
    rows: list[ComparisonRow]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Comparison:
        """Read what `as_json` gave, by way of JSON."""
        span = None if stored["span"] is None else tuple(stored["span"])
        return cls(**stored | {"span": span, "rows": [ComparisonRow.from_json(row) for row in stored["rows"]]})


def mean_interval(values: Sequence[float] | Floats) -> MeanInterval:
    """Return the mean and its 95 % interval: mean +- t sd / sqrt(n), two-sided, n - 1 degrees of freedom.

    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> interval.mean, round(interval.low, 3), round(interval.high, 3)
    (2.0, -0.484, 4.484)
    """
    numbers = np.asarray(values, float)
    n, mean = len(numbers), float(np.mean(numbers))
    if n < 2:
        return MeanInterval(mean, None, None, n)
    from scipy.special import stdtrit  # slow to import, and who only shows intervals does not need it

    half = float(stdtrit(n - 1, 0.975) * numbers.std(ddof=1) / math.sqrt(n))
    return MeanInterval(mean, mean - half, mean + half, n)


def compare_trials(
    results: Sequence[TrialResult],
    full_scores: dict[str, dict[str, float]],
    label_counts: Sequence[int],
    metric: str = "accuracy",
    target_label: str = "",
) -> Comparison:
    """Sum up the trials, a row for each strategy and estimator, in the order of their first trial.

    `full_scores` is {estimator: {metric: score with all labels}}. Raises ValueError for a metric that is not there.
    """
    for scores in full_scores.values():
        if metric not in scores:
            raise ValueError(f"{metric} is none of: {', '.join(scores)}.")
    results_by_row: dict[tuple[str, str], list[TrialResult]] = {}
    for result in results:
        results_by_row.setdefault((result.trial.strategy, result.trial.estimator), []).append(result)
    curves = {
        key: [_score_curve(result, metric) for result in group if result.points]
        for key, group in results_by_row.items()
    }
    span = _common_span([curve for group in curves.values() for curve in group])
    mean_curves = {key: _mean_curve(group) for key, group in curves.items()}
    rows = []
    for key, group in results_by_row.items():
        strategy, estimator = key
        score = full_scores[estimator][metric]
        rows.append(
            ComparisonRow(
                strategy=strategy,
                estimator=estimator,
                at=[_score_at(curves[key], label_count) for label_count in label_counts],
                area=mean_interval([area_under_curve(*curve, *span) for curve in curves[key]])
                if span and curves[key]
                else None,
                full=score,
                to_reach=[labels_to_reach(mean_curves[key], share * score) for share in SCORE_SHARES],
                saved=_label_saving_ratio(mean_curves[key], mean_curves.get((BASELINE, estimator), [])),
                search=_recall_metrics(group, label_counts) if target_label else None,
                curve=mean_curves[key],
            )
        )
    return Comparison(
        metric,
        list(label_counts),
        span,
        target_label,
        max((result.relevant for result in results), default=0),
        max((result.readable for result in results), default=0),
        rows,
    )


def default_label_counts(budget: int) -> list[int]:
    """Return the numbers of labels at which to read the curves.

    >>> default_label_counts(300)
    [50, 100, 200, 300]
    """
    steps = (25, 50, 100, 200, 500, 1000, 2000, 5000, 10_000) if budget < 50 else (50, 100, 200, 500, 1000, 2000, 5000)
    return [step for step in steps if step < budget] + [budget]


def _score_curve(result: TrialResult, metric: str) -> tuple[Floats, Floats]:
    """Return labels and scores of one replay."""
    labels = np.array([point.labels for point in result.points], float)
    return labels, np.array([point.figures[metric] for point in result.points], float)


def area_under_curve(labels: Floats, scores: Floats, low: float, high: float) -> float:
    """Return the mean height of a curve from `low` to `high` labels, by the trapezoid rule.

    >>> area_under_curve(np.array([0.0, 10.0]), np.array([0.0, 1.0]), 0, 10)
    0.5
    """
    if high <= low:
        return float(np.interp(low, labels, scores))
    inside = labels[(labels > low) & (labels < high)]
    label_counts = np.concatenate([[low], inside, [high]])
    return float(np.trapezoid(np.interp(label_counts, labels, scores), label_counts) / (high - low))


def _common_span(curves: Sequence[tuple[Floats, Floats]]) -> tuple[int, int] | None:
    """Return the stretch on which every curve is known: a strategy whose first model comes late gains nothing by it."""
    if not curves:
        return None
    low, high = max(labels[0] for labels, _ in curves), min(labels[-1] for labels, _ in curves)
    return (int(low), int(high)) if low <= high else None


def _score_at(curves: Sequence[tuple[Floats, Floats]], label_count: int) -> MeanInterval | None:
    """Return the score at a number of labels; None when a seed has no model yet, or has ended before."""
    if not curves or any(label_count < labels[0] or label_count > labels[-1] for labels, _ in curves):
        return None
    return mean_interval([float(np.interp(label_count, labels, scores)) for labels, scores in curves])


def _mean_curve(curves: Sequence[tuple[Floats, Floats]]) -> list[tuple[int, MeanInterval]]:
    """Return the mean over seeds at every number of labels that any of them has, where all are known."""
    label_counts = sorted({int(label_count) for labels, _ in curves for label_count in labels})
    scores = [(label_count, _score_at(curves, label_count)) for label_count in label_counts]
    return [(label_count, interval) for label_count, interval in scores if interval is not None]


def labels_to_reach(curve: Sequence[tuple[int, MeanInterval]], score: float) -> int | None:
    """Return the labels at which a mean curve first is as high as `score`; None when it never is."""
    return next((labels for labels, interval in curve if interval.mean >= score - 1e-12), None)


def _label_saving_ratio(
    curve: Sequence[tuple[int, MeanInterval]], baseline: Sequence[tuple[int, MeanInterval]]
) -> float | None:
    """Return the labels that the baseline needs for its last score over those of this curve; None: not reached."""
    if not baseline:
        return None
    last = baseline[-1][1].mean
    needed, random_labels = labels_to_reach(curve, last), labels_to_reach(baseline, last)
    return random_labels / needed if needed and random_labels else None


# Searching for one label


def labels_to_recall(found_at: Sequence[int], relevant: int, recall: float = RECALL_GOAL) -> int | None:
    """Return the labels until that share of the relevant items was found; None when it was not."""
    count = math.ceil(recall * relevant - 1e-9)
    return found_at[count - 1] if 0 < count <= len(found_at) else None


def work_saved_over_sampling(labels: int, readable: int, recall: float = RECALL_GOAL) -> float:
    """Return the work saved over sampling when that recall is reached after so many labels."""
    return work_saved(labels, readable, recall)


def average_time_to_discovery(found_at: Sequence[int], relevant: int, readable: int) -> float:
    """Return the average time to discovery as a share of all items; one that was not found counts as found last.

    Ferdinands et al., Performance of active learning models for screening prioritization, Systematic Reviews 2023.
    """
    return float((sum(found_at) + (relevant - len(found_at)) * readable) / (relevant * readable))


def _recall_metrics(group: Sequence[TrialResult], label_counts: Sequence[int]) -> RecallMetrics | None:
    """Return how soon the relevant items were found, over the seeds; None where a seed has none."""
    if not all(result.relevant for result in group):
        return None
    needed = [labels_to_recall(result.found_at, result.relevant) for result in group]
    reached = [(labels, result.readable) for labels, result in zip(needed, group, strict=True) if labels is not None]
    complete = len(reached) == len(group)
    last = max((point.labels for result in group for point in result.points[-1:]), default=0)
    return RecallMetrics(
        recall=[mean_recall_after(group, label_count) for label_count in label_counts],
        labels_to_95=mean_interval([labels for labels, _ in reached]) if complete else None,
        wss95=mean_interval([work_saved_over_sampling(labels, readable) for labels, readable in reached])
        if complete
        else None,
        atd=mean_interval(
            [average_time_to_discovery(result.found_at, result.relevant, result.readable) for result in group]
        ),
        atd_is_bound=any(len(result.found_at) < result.relevant for result in group),
        curve=[
            (int(label_count), mean_recall_after(group, label_count))
            for label_count in np.unique(np.linspace(0, last, RECALL_POINTS).astype(int))
        ],
    )


def mean_recall_after(group: Sequence[TrialResult], labels: int) -> MeanInterval:
    """Return the share of the relevant items that were found within so many labels."""
    return mean_interval([float(np.sum(np.array(result.found_at) <= labels)) / result.relevant for result in group])


def points_csv(results: Sequence[TrialResult]) -> str:
    """Return every point of every curve as a line of CSV, below the names of the columns."""
    text = StringIO()
    metrics = list(dict.fromkeys(key for result in results for point in result.points for key in point.figures))
    before = ("strategy", "learner", "seed", "labels", "answers", "judged_by")
    writer = csv.DictWriter(text, (*before, *metrics, "found", "recall"))
    writer.writeheader()
    writer.writerows(_csv_rows(results))
    return text.getvalue()


def _csv_rows(results: Sequence[TrialResult]) -> list[dict[str, Any]]:
    """Return a row for each point of each trial, {column: cell}."""
    rows = []
    for result in results:
        found_at = np.array(result.found_at)
        for point in result.points:
            found_count = int(np.sum(found_at <= point.labels))
            rows.append(
                {
                    "strategy": result.trial.strategy,
                    "learner": result.trial.estimator,
                    "seed": result.trial.seed,
                    "labels": point.labels,
                    "answers": point.answers,
                    "judged_by": point.n,
                    **{key: round(value, 6) for key, value in point.figures.items()},
                    "found": found_count if result.relevant else "",
                    "recall": round(found_count / result.relevant, 6) if result.relevant else "",
                }
            )
    return rows
