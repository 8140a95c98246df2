"""The autopilot's report as lines of text."""

from collections.abc import Iterator
from typing import Any

from learner.autopilot.search_report import search_report_lines


def report_lines(report: dict[str, Any]) -> Iterator[str]:
    """Say what was done, then the curve of the model and that of the control arm."""
    answers, seconds, traffic = report["answers"], report["seconds"], report["traffic"]
    yield f"{answers} answers in {seconds:.1f} s ({answers / max(seconds, 1e-9):.1f}/s), {traffic['calls']} calls,"
    yield f"{traffic['retries']} tried again, {traffic['server_errors']} server errors."
    yield _audit_line(report["audit"])
    progress, truth, search = report["progress"], report["truth"], report["search"]
    if search is not None:
        yield from search_report_lines(search, progress["finding"])
        return
    measures = {measure["key"]: measure["title"] for measure in progress["measures"]}
    yield from _curve_lines(measures, "The model", progress["curve"], progress["curve_reason"], truth["model"])
    yield from _curve_lines(
        measures, "The random arm alone", progress["control_curve"], progress["control_curve_reason"], truth["control"]
    )


def _audit_line(audit: dict[str, int]) -> str:
    problems = [f"{count} {name.replace('_', ' ')}" for name, count in audit.items() if count]
    return "Wrong: " + ", ".join(problems) if problems else "No answer lost, no item to two people."


def _curve_lines(
    measures: dict[str, str], title: str, points: list[dict[str, Any]] | None, reason: str, truth: list[dict[str, Any]]
) -> Iterator[str]:
    """Give a row a round: what the test sample says, then what is true."""
    yield ""
    yield f"{title}: test sample (95 % interval); true on items never used for training; true on the outside test set"
    if reason:
        yield reason
    sample = {point["round"]: point for point in points or []}
    true_headings = " ".join(f"{name[:6]:>6}" for name in measures.values())
    heads = " ".join(f"{name:<22.22}" for name in measures.values())
    yield f"{'round':>5} {'labels':>6}  {heads} {'n':>5}   {true_headings}   {true_headings}"
    for point in truth:
        measured = sample.get(point["round"])
        yield (
            f"{point['round']:>5} {point['labels']:>6}  "
            + " ".join(f"{_format_estimate(measured, key):<22}" for key in measures)
            + f" {measured['accuracy']['n'] if measured else '':>5}   "
            f"{_format_scores(measures, point['unused'])}   {_format_scores(measures, point.get('outside'))}"
        )
    if truth:
        outside = f", {truth[-1]['outside']['n']} outside" if "outside" in truth[-1] else ""
        yield f"True figures rest on {truth[-1]['unused']['n']} items of the project{outside}."


def _format_estimate(point: dict[str, Any] | None, name: str) -> str:
    figure = (point or {}).get(name)  # models of before it was kept lack one
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]" if figure else ""


def _format_scores(measures: dict[str, str], score: dict[str, Any] | None) -> str:
    """Return the metrics; "–" for one that only rounds can tell, which see all detections."""
    return " ".join(f"{score[key]:>6.4f}" if key in score else f"{'–':>6}" for key in measures) if score else ""
