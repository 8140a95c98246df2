"""Replay strategies and learners on a labelled file through the loop of live rounds, and compare them."""

import os
import tempfile
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from numpy.typing import NDArray
from tqdm import tqdm

from annotation.errors import MarginError
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.features import FEATURE_SETS, transform_in_chunks
from learner.engine.simulation import comparison, plot, text_report
from learner.engine.simulation.experiments import (
    SimulationData,
    SimulationPlan,
    TrialResult,
    all_trials,
    full_data_scores,
    has_label,
    ignore_library_warnings,
    labels_of_target,
    object_array,
    run_trials,
)
from learner.engine.simulation.labelled_files import read_labelled, targets_of_cells
from learner.engine.simulation.simulated_labelling import INITIAL_SELECTIONS, InitialLabels, LabelledData
from learner.engine.task_profiles import TASK_PROFILES, TEXT
from learner.management import screening_simulation

HELD_MOST = 2000  # items set aside to judge by
TASKS = [name for name, learner in TASK_PROFILES.items() if learner.content is TEXT]
STRATEGIES_AT_FIRST = ("random", "margin", "boltzmann_kmeans")
EPILOG = """
Without --test, items are set aside at random to judge by (--hold-out). The protocol of small-text's ACL 2022
experiments: --test TEST.csv --start stratified:25 --batch 25 --budget 525 --no-test-share --random-share 0
With --find LABEL a screening is replayed as ASReview simulates it: nothing is held out and all records are read, by
--strategies screening unless others are named. --text title,abstract reads two columns as one text.
"""


class Command(BaseCommand):
    help = "Compare query strategies and learners on a labelled file, by the very loop that live rounds run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("data", type=Path, help="CSV, TSV, JSONL or CoNLL, plain or gzipped")
        parser.add_argument("--task", choices=TASKS, default=TASKS[0], help=f"what the answers are ({TASKS[0]})")
        parser.add_argument("--text", default="text", metavar="COLUMN", help="column with the texts (text)")
        parser.add_argument("--label", default="label", metavar="COLUMN", help="column with the labels (label)")
        parser.add_argument("--test", type=Path, metavar="FILE", help="test set from outside, with the same columns")
        parser.add_argument("--hold-out", type=float, default=0.2, help="without --test: share to judge by (0.2)")
        parser.add_argument("--strategies", type=_parse_names, help=f"without: {','.join(STRATEGIES_AT_FIRST)}")
        parser.add_argument("--learners", type=_parse_names, help="without: the default of a live project")
        parser.add_argument(
            "--features",
            choices=sorted({TEXT.automatic, *TEXT.features} & FEATURE_SETS.keys()),
            default=TEXT.automatic,
        )
        parser.add_argument("--budget", type=int, default=500, help="training labels (500)")
        parser.add_argument(
            "--batch", type=int, default=IterationSettings.batch_size, help="labels between two turns (20)"
        )
        parser.add_argument("--seeds", type=int, default=5, help="repetitions (5)")
        parser.add_argument("--metric", help="a figure of the task; without: its first")
        parser.add_argument("--target", default="", metavar="LABEL", help="search for the items with that label")
        screening_simulation.add_arguments(parser)
        parser.add_argument(
            "--start",
            type=_parse_initial_labels,
            default=InitialLabels(),
            metavar="KIND:N",
            help=f"{' or '.join(INITIAL_SELECTIONS[1:])} first labels",
        )
        parser.add_argument("--no-test-share", action="store_true", help="no test sample among what is labelled")
        parser.add_argument(
            "--random-share", type=float, default=IterationSettings.random_share, help="control arm (0.1)"
        )
        parser.add_argument("--beta", type=float, help="of the Boltzmann draw; without: found for the effective pool")
        parser.add_argument(
            "--effective-pool", type=float, default=IterationSettings.effective_pool, help="in batches (2)"
        )
        parser.add_argument(
            "--thin",
            type=_parse_thinning,
            metavar="LABEL:SHARE",
            help="first leave out items with that label at random until they are that share of all",
        )
        parser.add_argument(
            "--negative-control",
            action="store_true",
            help="repeat it with shuffled labels: nothing must be learned",
        )
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="side by side (all cores)")
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="write points.csv, table.txt and plot.png there")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_options(options)
        try:
            with warnings.catch_warnings():
                ignore_library_warnings()
                self._run(options)
        except MarginError as error:
            raise CommandError(error.message) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was written.", returncode=130) from None

    def _run(self, options: dict[str, Any]) -> None:
        if options["find"]:
            self.stdout.write("\n".join(screening_simulation.simulate_screening(options)))
        else:
            self._compare_and_report(options)

    def _compare_and_report(self, options: dict[str, Any]) -> None:
        """Run all trials, print the tables and write the files that were asked for."""
        data = _read_data(options)
        if options["target"] and not has_label(data, options["target"]).any():
            known = sorted(
                set().union(*(labels_of_target(data.task_type, answer) for answer in set(data.pool.labels.tolist())))
            )
            raise CommandError(f"No item has the label “{options['target']}”. There are: {', '.join(known[:20])}.")
        results = _run_trials(data, options)
        marks = comparison.default_label_counts(options["budget"])
        full = full_data_scores(data, options["learners"])
        compared = comparison.compare_trials(results, full, marks, options["metric"], options["target"])
        report_lines = [_data_summary(data, options), "", *text_report.report_lines(compared)]
        if options["negative_control"]:
            report_lines += ["", *_negative_control(data, options)]
        self.stdout.write("\n".join(report_lines))
        if options["out"]:
            _write_results(options, results, compared, report_lines)


def _parse_names(words: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in words.split(",") if name.strip()))


def _fill_in_task_defaults(options: dict[str, Any]) -> None:
    """Fill in what the task type says where nothing was chosen; refuse what it does not have."""
    learner = TASK_PROFILES[options["task"]]
    options["learners"] = options["learners"] or [learner.answers.estimators[0]]  # as in a live project
    options["strategies"] = options["strategies"] or (
        [screening_simulation.STRATEGY] if options["find"] else list(STRATEGIES_AT_FIRST)
    )
    options["metric"] = options["metric"] or next(iter(learner.answers.replay_metrics))
    offered = {
        "strategies": learner.answers.strategies,
        "learners": learner.answers.estimators,
        "metric": tuple(learner.answers.replay_metrics),
    }
    for name, known in offered.items():
        chosen = [options[name]] if isinstance(options[name], str) else options[name]
        if unknown := [one for one in chosen if one not in known]:
            raise CommandError(f"{options['task']} has no “{unknown[0]}”. There are: {', '.join(known)}.")


def _parse_initial_labels(words: str) -> InitialLabels:
    """Return the kind and number of first labels of KIND:N."""
    kind, _, count = words.partition(":")
    if kind not in INITIAL_SELECTIONS or not (count.isdigit() or kind == "cycle"):
        raise CommandError("--start is stratified:N or random:N, N the number of first labels.")
    return InitialLabels(kind, int(count or 0))


def _parse_thinning(words: str) -> tuple[str, float]:
    """Return the label and the share of LABEL:SHARE."""
    label, _, share = words.rpartition(":")
    try:
        return label, float(share)
    except ValueError:
        raise CommandError("--thin is LABEL:SHARE, for example spam:0.02.") from None


def _check_options(options: dict[str, Any]) -> None:
    _fill_in_task_defaults(options)
    for name in ("budget", "batch", "seeds", "processes"):
        if options[name] < 1:
            raise CommandError(f"--{name} is at least 1.")
    if not 0 < options["hold_out"] < 1 or not 0 <= options["random_share"] < 1:
        raise CommandError("--hold-out and --random-share are shares, between 0 and 1.")
    if options["thin"] and not 0 < options["thin"][1] < 1:
        raise CommandError("--thin takes a share between 0 and 1.")
    if not options["strategies"]:
        raise CommandError("Name at least one strategy.")


def _read_data(options: dict[str, Any]) -> SimulationData:
    """Read the files; the features are fitted on the pool alone."""
    texts, labels = read_labelled(options["data"], options["text"], options["label"])
    if options["thin"]:
        kept = _thin_label(np.array(labels), *options["thin"])
        texts, labels = [texts[n] for n in kept], [labels[n] for n in kept]
    if options["test"]:
        held_texts, held_labels = read_labelled(options["test"], options["text"], options["label"])
    else:
        order = np.random.default_rng(0).permutation(len(texts))
        size = min(round(options["hold_out"] * len(texts)), HELD_MOST)
        aside, rest = order[:size], np.sort(order[size:])
        held_texts, held_labels = [texts[n] for n in aside], [labels[n] for n in aside]
        texts, labels = [texts[n] for n in rest], [labels[n] for n in rest]
    if len(set(labels)) < 2 or not held_texts:
        raise CommandError("There must be two different labels, and items to judge by.")
    transformer = FEATURE_SETS[options["features"]].fit(texts, 0)
    reads_contents = TASK_PROFILES[options["task"]].answers.estimator_reads == "contents"
    targets = targets_of_cells(options["task"], [*texts, *held_texts], [*labels, *held_labels])

    def labelled_data(words: list[str], answers: list[str]) -> LabelledData:
        return LabelledData(
            transform_in_chunks(transformer, words),
            object_array(answers),
            object_array(words) if reads_contents else None,
        )

    return SimulationData(
        labelled_data(texts, targets[: len(texts)]), labelled_data(held_texts, targets[len(texts) :]), options["task"]
    )


def _thin_label(labels: NDArray[np.str_], name: str, share: float) -> NDArray[np.intp]:
    """Return the places of all items but those left out so that `share` of the rest have the label."""
    others, those = np.flatnonzero(labels != name), np.flatnonzero(labels == name)
    wanted = round(share / (1 - share) * len(others))
    if not 0 < wanted <= len(those):
        raise CommandError(f"“{name}” is the label of {len(those)} items; a share of {share:g} takes {wanted}.")
    return np.sort(np.concatenate([others, np.random.default_rng(0).permutation(those)[:wanted]]))


def _run_trials(data: SimulationData, options: dict[str, Any]) -> list[TrialResult]:
    sampled = not options["no_test_share"]
    settings = IterationSettings(
        batch_size=options["batch"],
        depth=max(IterationSettings.depth, options["batch"]),
        beta=options["beta"],
        effective_pool=options["effective_pool"],
        random_share=options["random_share"],
        test_share=IterationSettings.test_share if sampled else 0.0,
    )
    plan = SimulationPlan(
        budget=min(options["budget"], len(data.pool.labels)),
        initial_labels=options["start"],
        target_label=options["target"],
        settings=settings,
        test_size=SimulationPlan.test_size if sampled else 0,
    )
    wanted = all_trials(options["strategies"], options["learners"], options["seeds"])
    bar = tqdm(total=len(wanted) * plan.budget, unit=" labels", dynamic_ncols=True, disable=options["quiet"])

    def update_bar(labels: int) -> None:
        bar.update(labels - bar.n)

    with tempfile.TemporaryDirectory(prefix="margin-simulate-") as folder, bar:
        return run_trials(data, plan, wanted, Path(folder), options["processes"], update_bar)


def _negative_control(data: SimulationData, options: dict[str, Any]) -> Iterator[str]:
    """The same with the pool's labels shuffled: what a curve shows then, nobody has learned."""
    labels = np.random.default_rng(0).permutation(data.pool.labels)
    shuffled = replace(data, pool=replace(data.pool, labels=labels))
    results = _run_trials(shuffled, {**options, "target": ""})
    full = full_data_scores(shuffled, options["learners"])
    compared = comparison.compare_trials(results, full, [options["budget"]], options["metric"])
    names, counts = np.unique(data.held_out.labels, return_counts=True)
    yield "negative control, the pool's labels shuffled: the best score must be about that of a guess"
    yield f"always the most frequent answer, “{names[counts.argmax()]}”: accuracy {counts.max() / counts.sum():.3f}"
    for row in compared.rows:
        yield f"{row.strategy}, {row.estimator}: {options['metric']} {text_report.format_score(row.at[0])}"


def _data_summary(data: SimulationData, options: dict[str, Any]) -> str:
    return (
        f"{options['data'].name}: {len(data.pool.labels)} items, {len(set(data.pool.labels.tolist()))} different "
        f"answers, judged on {len(data.held_out.labels)} others; {options['seeds']} seeds, "
        f"batches of {options['batch']}, features {options['features']}"
    )


def _write_results(
    options: dict[str, Any],
    results: Sequence[TrialResult],
    compared: comparison.Comparison,
    report_lines: Sequence[str],
) -> None:
    folder = options["out"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "points.csv").write_text(comparison.points_csv(results), encoding="utf-8", newline="")
    (folder / "table.txt").write_text("\n".join(report_lines) + "\n", encoding="utf-8")
    title = str(TASK_PROFILES[options["task"]].answers.replay_metrics[options["metric"]])
    (folder / "plot.png").write_bytes(plot.render_png(compared, title))
