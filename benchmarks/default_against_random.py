"""The default strategy against random choice, on every data set at hand: a table for docs/benchmarks.md.

    python -m benchmarks.default_against_random --data FOLDER                      # all sets, with their own seeds
    python -m benchmarks.default_against_random --data FOLDER --seeds 1 --sets sms,calls
    python -m benchmarks.default_against_random --results FILE --docs              # only write the table

Both learn by what a live project of that task type has by default, from the same test sample and control arm. Each
replay is added to a file as it ends, so that a run which was stopped goes on where it was.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data_sets import DATA_SETS, DataSet
from benchmarks.stand import ROOT
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.simulation.comparison import MeanInterval, area_under_curve, mean_interval
from learner.engine.simulation.experiments import SimulationPlan, Trial, TrialResult, run_trials
from learner.engine.task_profiles import TASK_PROFILES

RANDOM = "random"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- default against random -->", "<!-- end of default against random -->"
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]  # labels and the figure at each

TEST_ITEMS = 100  # of a pool: with the 300 of a live project most of a small pool would never train


@dataclass(frozen=True)
class Row:
    """One set: the figure at the end by either choice, and how far apart the areas under their curves are."""

    data_set: DataSet
    metric: str
    default: MeanInterval
    random: MeanInterval
    difference: MeanInterval  # of the areas, seed by seed

    @property
    def is_below(self) -> bool:
        """Whether the default's mean is below that of random choice."""
        return self.difference.mean < 0

    def cells(self) -> list[str]:
        lead = f"{self.difference.mean:+.3f}"
        if self.difference.low is not None and self.difference.high is not None:
            lead += f" ({self.difference.low:+.3f} to {self.difference.high:+.3f})"
        return [
            self.data_set.title,
            self.metric,
            str(self.data_set.budget),
            f"{self.default.mean:.3f}",
            f"{self.random.mean:.3f}",
            lead,
            str(self.difference.seeds),
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the sets, by the names in benchmarks/data_sets.py")
    parser.add_argument("--sets", default=",".join(DATA_SETS), help="names of sets, separated by commas")
    parser.add_argument("--seeds", type=int, help="of each set, instead of its own number")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("default_against_random.jsonl"))
    parser.add_argument("--docs", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args()
    names = [name.strip() for name in options.sets.split(",")]
    if unknown := set(names) - set(DATA_SETS):
        parser.error(f"There is no set {sorted(unknown)[0]}. There are: {', '.join(DATA_SETS)}.")
    if options.data:
        for name in names:
            replay(name, options.data, options.seeds or DATA_SETS[name].seeds, options.processes, options.results)
    rows = list(read_rows(options.results))
    lines = table_lines(rows)
    print("\n".join(lines))
    if options.docs:
        write_table(lines)
    return 1 if any(row.is_below for row in rows) else 0


def replay(name: str, data: Path, seeds: int, processes: int, results: Path) -> None:
    """Run the replays of a set that are not among the results yet, and add them."""
    data_set = DATA_SETS[name]
    if not data_set.is_in(data):
        print(f"{name}: {data / data_set.path} is not there; left out.", flush=True)
        return
    answers = TASK_PROFILES[data_set.task].answers
    wanted = [
        Trial(strategy, answers.estimators[0], seed)
        for seed in range(seeds)
        for strategy in dict.fromkeys((answers.strategies[0], RANDOM))
    ]
    known = {result.trial for key, result in read_results(results) if key == name}
    missing = [trial for trial in wanted if trial not in known]
    if not missing:
        return
    with tempfile.TemporaryDirectory(prefix="margin-sets-") as folder:
        scratch = Path(folder)
        loaded = data_set.load(data, scratch)
        plan = SimulationPlan(
            budget=data_set.budget,
            test_size=TEST_ITEMS,
            settings=IterationSettings(
                batch_size=data_set.batch, depth=max(IterationSettings.depth, data_set.batch), random_share=0.1
            ),
        )
        for start in range(0, len(missing), processes):
            part = missing[start : start + processes]
            done = run_trials(loaded, plan, part, scratch / "arrays", processes)
            with results.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({"set": name, **result.as_json()}) + "\n" for result in done)
            print(f"{name}: {start + len(part)} of {len(missing)} replays", flush=True)


def read_results(path: Path) -> Iterator[tuple[str, TrialResult]]:
    """Yield the set and the result of each replay so far."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        stored = json.loads(line)
        yield stored.pop("set"), TrialResult.from_json(stored)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the row of each set of which both choices have been replayed, in the order of DATA_SETS."""
    by_set: dict[str, list[TrialResult]] = defaultdict(list)
    for name, result in read_results(path):
        by_set[name].append(result)
    for name, data_set in DATA_SETS.items():
        if row := compare(data_set, by_set.get(name, [])):
            yield row


def compare(data_set: DataSet, results: Sequence[TrialResult]) -> Row | None:
    """Return the row of a set, from the seeds that both choices have; None without any."""
    metric = next(iter(TASK_PROFILES[data_set.task].answers.replay_metrics))
    curves: dict[bool, dict[int, Curve]] = {True: {}, False: {}}  # by whether choice was random, and seed
    for result in results:
        if points := result.points:
            labels, scores = zip(*((point.labels, point.figures[metric]) for point in points), strict=True)
            is_random = result.trial.strategy == RANDOM
            curves[is_random][result.trial.seed] = np.array(labels, float), np.array(scores, float)
    if not curves[False]:  # random choice is the default
        return None
    seeds = sorted(curves[True].keys() & curves[False].keys())
    if not seeds:
        return None
    low = max(curve[0][0] for part in curves.values() for curve in part.values())
    high = min(curve[0][-1] for part in curves.values() for curve in part.values())
    areas = {
        is_random: [area_under_curve(*curves[is_random][seed], low, high) for seed in seeds] for is_random in curves
    }
    return Row(
        data_set,
        str(TASK_PROFILES[data_set.task].answers.replay_metrics[metric]),
        mean_interval([curves[False][seed][1][-1] for seed in seeds]),
        mean_interval([curves[True][seed][1][-1] for seed in seeds]),
        mean_interval([default - random for default, random in zip(areas[False], areas[True], strict=True)]),
    )


def table_lines(rows: Sequence[Row]) -> list[str]:
    head = ["set", "figure", "labels", "default", "random", "lead of the default, whole curve", "seeds"]
    return [
        f"| {' | '.join(head)} |",
        "| --- | --- | ---: | ---: | ---: | --- | ---: |",
        *(f"| {' | '.join(row.cells())} |" for row in rows),
    ]


def write_table(lines: Sequence[str]) -> None:
    """Put the table between its marks on the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text("\n".join([f"{before}{BEGIN}\n", *lines, f"\n{END}{after}"]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
