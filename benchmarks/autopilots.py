"""Every task type through the running server: its demo labelled by the default strategy and by lot, from the same data.

python -m benchmarks.autopilots                                    # all of them, an hour or more on two busy cores
python -m benchmarks.autopilots --only records,preference --seeds 1 2 3 --json FILE --png FILE

Each run makes two projects of one seed, so that both have the same test sample: a fifth of all items, which no strategy
chose and no model learns from. All of it judges, for the true answers are known, also where nobody was asked.
"""

import argparse
import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.stand import Stand, prepare, wait_until

if TYPE_CHECKING:
    from annotation.demo.catalogue import Demo
    from annotation.models import Project

PEOPLE, DECK = 2, 5  # who label, and how many items each fetches ahead: chosen by the model before
PATIENCE = 600  # seconds for features and for a round, on a busy machine
ALL = 100_000  # test items wanted; there are a fifth of all at most
QUARTERS = np.array([0.25, 0.5, 0.75, 1])
COLORS = {"default": "#0072B2", "random": "#D55E00"}  # Okabe and Ito, Color Universal Design, 2008
LINES = {"default": "-o", "random": "--s"}

Curve = list[tuple[int, float]]  # training labels, figure
Found = dict[str, list[Curve]]  # "default" or "random" -> a curve a run


@dataclass(frozen=True)
class Task:
    """How long a type is labelled, and by which of its figures it is judged; none: the one that stands first."""

    answers: int
    batch: int = 20
    figure: str = ""


TASKS = {
    "text_classification": Task(300, figure="macro_f1"),
    "text_multilabel": Task(300),
    "spans": Task(400, batch=100),
    "records": Task(400, figure="macro_f1"),
    "record_numbers": Task(400),
    "image_classification": Task(200),
    "boxes": Task(80),
    "ratings": Task(700, batch=100),
    "preference": Task(300),
}


def label(stand: Stand, demo: "Demo", task: Task, strategy: str, seed: int) -> Curve:
    """Label a new project of the demo; return the figure of each model on the whole test sample."""
    from django.core.management import call_command

    from learner.models import Round

    project = _project(demo, {"strategy": strategy, "batch_size": task.batch, "test_size": ALL}, seed)
    path = stand.var / f"autopilot-{project.pk}.json"
    call_command(
        *("autopilot", "--project", str(project.pk), "--oracle", demo.oracle, "--labels", str(task.answers)),
        *("--annotators", str(PEOPLE), "--deck", str(DECK), "--url", stand.url, "--json", str(path), "--quiet"),
        *("--patience", str(PATIENCE)),
        stdout=StringIO(),
    )
    if failed := Round.objects.filter(project=project, status="failed").count():
        raise RuntimeError(f"{demo.name}: {failed} rounds failed")
    points = json.loads(path.read_text())["truth"]["model"]
    return [(point["labels"], point["sample"][_figure(demo.task_type)]) for point in points]


def _project(demo: "Demo", settings: Mapping[str, Any], seed: int) -> "Project":
    from django.db import transaction

    from annotation.management.commands.demo import make_project

    with transaction.atomic():  # no round begins before the seed is there
        project = make_project(replace(demo, settings={**demo.settings, **settings}))
        project.seed = seed
        project.save(update_fields=["seed"])
    project.refresh_from_db()
    wait_until(lambda: _featurised(project), PATIENCE, "features")  # earlier models cannot be asked afterwards
    return project


def _featurised(project: "Project") -> bool:
    from learner.rounds import feature_matrices, feature_selection

    return feature_matrices.feature_store().is_final(
        project.pk, project.item_count, feature_selection.effective_feature_set_and_reason(project)[0]
    )


def _figure(task_type: str) -> str:
    from learner.engine.task_profiles import TASK_PROFILES

    return TASKS[task_type].figure or TASK_PROFILES[task_type].answers.metrics[0].key


def _title(task_type: str) -> str:
    from learner.engine.task_profiles import TASK_PROFILES

    return next(str(one.title) for one in TASK_PROFILES[task_type].answers.metrics if one.key == _figure(task_type))


def measure(stand: Stand, demo: "Demo", seeds: Sequence[int], answers: int | None) -> Found:
    """Label by both strategies; where chance is the default there is one."""
    from learner.loop_options import LoopOptions

    default = LoopOptions.read({}, demo.task_type).strategy
    wanted = {"default": default, "random": "random"} if default != "random" else {"random": default}
    task = replace(TASKS[demo.task_type], answers=answers or TASKS[demo.task_type].answers)
    return {name: [label(stand, demo, task, strategy, seed) for seed in seeds] for name, strategy in wanted.items()}


def marks(found: Found) -> NDArray[np.int_]:
    """Return (4,) numbers of labels, in tens, at which all curves are known: quarters of the last one."""
    every = [curve for curves in found.values() for curve in curves]
    first, last = max(curve[0][0] for curve in every), min(curve[-1][0] for curve in every)
    tens: NDArray[np.int_] = np.maximum(QUARTERS * last // 10, math.ceil(first / 10)).astype(int)
    return tens * 10


def at(curves: Sequence[Curve], labels: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return (runs, marks) of the figure, between two models on the straight line."""
    return np.array([np.interp(labels, [x for x, _ in curve], [y for _, y in curve]) for curve in curves])


def lines(task_type: str, found: Found) -> list[str]:
    """Return the rows of the table: a mark each, the mean of the runs and in brackets each of them."""
    labels = marks(found)
    cells = {name: [_cell(column) for column in at(curves, labels).T] for name, curves in found.items()}
    blank = ["as random"] * len(labels)
    rows = zip(labels, cells.get("default", blank), cells["random"], strict=True)
    start = f"| {task_type}: {_title(task_type)}"
    return [f"{start if n == 0 else '|'} | {mark} | {ours} | {by_lot} |" for n, (mark, ours, by_lot) in enumerate(rows)]


def _cell(values: NDArray[np.float64]) -> str:
    each = f" ({', '.join(f'{value:.3f}' for value in values)})" if len(values) > 1 else ""
    return f"{values.mean():.3f}{each}"


def draw(everything: Mapping[str, Found], titles: Mapping[str, tuple[str, str]], path: Path) -> None:
    """Write small multiples, one a task type: thin lines are runs, the thick one their mean."""
    from matplotlib.figure import Figure

    rows = math.ceil(len(everything) / 3)
    figure = Figure(figsize=(9.6, 2.6 * rows + 0.3), layout="constrained")
    panels = figure.subplots(rows, 3, squeeze=False).flat
    for (task_type, found), axes in zip(everything.items(), panels, strict=False):  # no panel is lost at the end
        name, measured = titles[task_type]
        axes.set_title(name, fontsize=9, loc="left")
        axes.set_ylabel(measured, fontsize=8)
        axes.set_xlabel("training labels", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
        for strategy, curves in found.items():
            _draw_one(axes, strategy, curves)
    for axes in panels:
        axes.set_axis_off()
    handles = [figure.axes[0].plot([], [], LINES[name], color=COLORS[name], label=name)[0] for name in COLORS]
    figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    figure.savefig(path, dpi=130)


def _draw_one(axes: Any, strategy: str, curves: Sequence[Curve]) -> None:
    for curve in curves:
        axes.plot(*zip(*curve, strict=True), LINES[strategy][:-1], color=COLORS[strategy], linewidth=0.8, alpha=0.45)
    least, most = max(curve[0][0] for curve in curves), min(curve[-1][0] for curve in curves)
    labels = np.unique(np.linspace(least, most, 8).astype(int))
    axes.plot(labels, at(curves, labels).mean(axis=0), LINES[strategy], color=COLORS[strategy], markersize=3.5)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(TASKS), help="task types, with commas between")
    parser.add_argument("--labels", type=int, help="answers of each run (what suits the type)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the projects; a run each (1)")
    parser.add_argument("--json", type=Path, help="write all curves there; those of other types that it has stay")
    parser.add_argument("--png", type=Path)
    given = parser.parse_args()
    everything: dict[str, Found] = json.loads(given.json.read_text()) if given.json and given.json.exists() else {}
    var, redis = prepare()
    import django

    django.setup()
    from django.core.management import call_command

    from annotation.demo.catalogue import DEMOS
    from annotation.management.commands.demo import make_people
    from annotation.tasktypes import TASK_TYPES

    call_command("migrate", interactive=False, verbosity=0)
    make_people()
    demos = {demo.task_type: demo for demo in reversed(DEMOS)}  # of several of a task type, the first
    try:
        with Stand(var, redis) as stand:
            print("| task type: figure | labels | default | random |\n| --- | ---: | --- | --- |")
            for task_type in given.only.split(","):
                everything[task_type] = measure(stand, demos[task_type], given.seeds, given.labels)
                print("\n".join(lines(task_type, everything[task_type])), flush=True)
                if given.json:
                    given.json.write_text(json.dumps(everything, indent=1))
    except BaseException:
        print(f"What the programs said is in {var / 'log'}.", file=sys.stderr)
        raise
    shutil.rmtree(var)
    if given.png:
        drawn = {name: everything[name] for name in TASKS if name in everything}
        draw(drawn, {name: (str(TASK_TYPES[name].title), _title(name)) for name in drawn}, given.png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
