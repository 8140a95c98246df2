"""`manage.py simulate --find`: a screening replayed on a labelled file, in the figures of other screening software."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from learner.engine.contracts.iteration import IterationSettings
from learner.engine.features import FEATURE_SETS, transform_in_chunks
from learner.engine.screening.ranking import TERMS_FEATURE_SET
from learner.engine.screening.topic import topic_of_sentence
from learner.engine.simulation import screening_report
from learner.engine.simulation.experiments import object_array
from learner.engine.simulation.labelled_files import read_labelled
from learner.engine.simulation.screening_replay import Prior, ScreeningData, ScreeningResult, replay_screening

STRATEGY = "screening"
TASK = "text_classification"


@dataclass(frozen=True)
class _Screening:
    """What was asked for."""

    data: ScreeningData
    prior: Prior
    estimator: str
    batch_size: int
    strategies: Sequence[str]
    seeds: int


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of a screening."""
    parser.add_argument("--find", default="", metavar="LABEL", help="replay a screening for all items with that label")
    parser.add_argument(
        "--prior",
        type=_parse_prior,
        default=Prior(),
        metavar="RELEVANT:OTHERS",
        help="with --find: records of either kind that are known to begin with (1:1)",
    )
    parser.add_argument("--topic", default="", metavar="SENTENCE", help="with --find: what is searched for")


def simulate_screening(options: dict[str, Any]) -> list[str]:
    """Replay every strategy with every seed, write the files that were asked for, and return the report's lines."""
    screening = _read_screening(options)
    total = len(screening.strategies) * screening.seeds * len(screening.data.labels)
    with tqdm(total=total, unit=" records", dynamic_ncols=True, disable=options["quiet"]) as bar:
        results = _replay_all(screening, bar)
    lines = [_summary(screening, options), "", *screening_report.screening_report_lines(results)]
    if options["out"]:
        title = f"Recall of “{options['find']}” in {options['data'].name}"
        _write_results(options["out"], results, lines, title)
    return lines


def _parse_prior(words: str) -> Prior:
    """Return the numbers of known records of RELEVANT:OTHERS."""
    relevant, _, others = words.partition(":")
    if not (relevant.isdigit() and others.isdigit()):
        raise CommandError("--prior is RELEVANT:OTHERS, two numbers of known records, for example 1:1.")
    return Prior(int(relevant), int(others))


def _read_screening(options: dict[str, Any]) -> _Screening:
    """Read the file and make its columns. Raises CommandError for what cannot be replayed."""
    if options["task"] != TASK or options["test"] or options["thin"]:
        raise CommandError("--find is for texts of one label each, and takes neither --test nor --thin.")
    texts, labels = read_labelled(options["data"], options["text"], options["label"], keep_repeated=True)
    if options["find"] not in labels:
        known = ", ".join(sorted(set(labels))[:20])
        raise CommandError(f"No item has the label “{options['find']}”. There are: {known}.")
    prior, relevant = options["prior"], labels.count(options["find"])
    if not prior.relevant < relevant or not prior.irrelevant < len(labels) - relevant:
        raise CommandError(f"There are {relevant} items with the label and {len(labels) - relevant} without: too few.")
    transformer = FEATURE_SETS[options["features"]].fit(texts, 0)
    terms = FEATURE_SETS[TERMS_FEATURE_SET].fit(texts, 0)
    data = ScreeningData(
        transform_in_chunks(transformer, texts),
        object_array(labels),
        options["find"],
        transform_in_chunks(terms, texts),
        topic_of_sentence(options["topic"], transformer, terms),
    )
    return _Screening(data, prior, options["learners"][0], options["batch"], options["strategies"], options["seeds"])


def _replay_all(screening: _Screening, bar: "tqdm[Any]") -> list[ScreeningResult]:
    results: list[ScreeningResult] = []
    for seed in range(screening.seeds):
        for strategy in screening.strategies:
            done = len(results) * len(screening.data.labels)

            def update_bar(records: int, done: int = done) -> None:
                bar.update(done + records - bar.n)

            settings = IterationSettings(
                strategy=strategy, estimator=screening.estimator, batch_size=screening.batch_size
            )
            results.append(replay_screening(screening.data, settings, screening.prior, seed, update_bar))
    return results


def _summary(screening: _Screening, options: dict[str, Any]) -> str:
    relevant = int(screening.data.is_relevant.sum())
    topic = ", a topic" if screening.data.topic else ""
    known = " and ".join(f"{count} {kind}" for kind, count in asdict(screening.prior).items())
    return (
        f"{options['data'].name}: {len(screening.data.labels)} records, {relevant} with the label "
        f"“{options['find']}”; known at the start: {known}{topic}; {screening.seeds} seeds, batches of "
        f"{screening.batch_size}, features {options['features']}, estimator {screening.estimator}"
    )


def _write_results(folder: Path, results: Sequence[ScreeningResult], lines: Sequence[str], title: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "points.csv").write_text(screening_report.screening_points_csv(results), encoding="utf-8", newline="")
    (folder / "table.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "plot.png").write_bytes(screening_report.render_recall_png(results, title))
