"""What learning costs besides the fits, and whether one project's work stops another's.

    python -m benchmarks.background                          # CPU an answer at 8 and 32 annotators; neighbours
    python -m benchmarks.background --only cpu --people 8

The CPU of a message whose worker finds nothing to do is measured by sending many. While annotators label at a pace and
rounds run, the messages are counted; with them go the sweeps and the idling of all workers. That is what learning costs
an answer besides its fits. All figures are CPU time or ratios of one run.
"""

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import pool
from benchmarks.report import Report
from benchmarks.stand import Stand, prepare, wait_until

if TYPE_CHECKING:
    from annotation.models import Project

BACKGROUND = ("worker-train", "worker-features", "worker-default", "beat")
BATCH, POOL_ROWS, PACE_SECONDS, STRETCH_SECONDS = 20, 3000, 2.0, 40.0
LOOKS = 200  # messages that find nothing to do
SETTLE_SECONDS = 10  # for what the start left to do
MAX_BACKGROUND_MS, MAX_TOTAL_MS = 1.0, 4.0
BIG_ROWS, SMALL_ROWS, REPEATS, MAX_NEIGHBOUR_RATIO = 12_000, 500, 3, 1.5
PATIENCE_SECONDS = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="CSV file (gzipped) with the columns text and label")
    parser.add_argument("--only", default="cpu,neighbours", help="one of the two")
    parser.add_argument("--people", type=int, nargs="*", default=[8, 32])
    parser.add_argument("--pace", type=float, default=PACE_SECONDS, help="seconds that a person looks at an item")
    options = parser.parse_args()
    report, pairs = Report(), pool.rows(pool.find(options.data), BIG_ROWS)
    var, redis = prepare()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    with Stand(var, redis) as stand:
        if "cpu" in options.only:
            for people in options.people:
                measure_cpu(stand, report, pairs[:POOL_ROWS], people, options.pace)
        if "neighbours" in options.only:
            measure_neighbours(report, pairs)
    shutil.rmtree(var)
    return 0 if report.kept else 1


def measure_cpu(stand: Stand, report: Report, pairs: list[tuple[str, str]], people: int, pace: float) -> None:
    """Measure the CPU of each program an answer."""
    from benchmarks.load import make_crew
    from learner.autopilot.oracle import read_oracle
    from learner.models import Round

    project, _ = first_queue(f"{people} annotators", pairs, batch_size=BATCH)
    crew = make_crew(stand, project, read_oracle(project, "label"), people)
    crew.give_answers(10 * people)  # every thread of the server has worked
    for annotator in crew.annotators:
        annotator.pace = pace
    time.sleep(SETTLE_SECONDS)
    idle = cpu_of(stand, lambda: time.sleep(STRETCH_SECONDS))
    nothing_due = cpu_of(stand, lambda: send_looks(project))
    message = nothing_due["worker-train"] / LOOKS
    done = Round.objects.done().filter(project=project)
    answers, rounds, looks, started = int(STRETCH_SECONDS * people / pace), done.count(), looks_so_far(), time.time()
    busy = cpu_of(stand, lambda: crew.give_answers(answers))
    seconds, looks, rounds = time.time() - started, looks_so_far() - looks, done.count() - rounds
    crew.close()
    report.title(f"{people} annotators, {pace:g} s an item, batches of {BATCH}: {answers} answers, {rounds} rounds")
    report.say("CPU while nobody labels, ms a second", _table(idle, STRETCH_SECONDS))
    report.say("CPU, ms an answer, fits included", _table(busy, answers))
    report.say(f"A message with nothing to do; {looks} were sent", f"{1000 * message:.2f} ms")
    idling = sum(idle[name] for name in BACKGROUND) / STRETCH_SECONDS * seconds
    background = 1000 * (looks * message + idling) / answers
    total = background + 1000 * busy["web"] / answers
    for what, cpu, most in (
        ("Workers and beat, fits left out", background, MAX_BACKGROUND_MS),
        ("With the web server", total, MAX_TOTAL_MS),
    ):
        report.say(what, f"{cpu:.2f} ms an answer", f"at most {most:g} ms", cpu <= most)


def send_looks(project: "Project") -> None:
    """Have the worker look whether a round is due, again and again when it has found none."""
    from annotation.broker import send_message

    before = looks_so_far()
    for _ in range(LOOKS):
        send_message("learner.tasks.run_rounds", project.pk)
    wait_until(lambda: looks_so_far() >= before + LOOKS, PATIENCE_SECONDS, "the looks")


def looks_so_far() -> int:
    """Return how many messages the train worker has taken that had it look for a due round."""
    from alproject.celery import app

    stats = app.control.inspect(timeout=5.0).stats() or {}
    return sum(worker["total"].get("learner.tasks.run_rounds", 0) for worker in stats.values())


def measure_neighbours(report: Report, pairs: list[tuple[str, str]]) -> None:
    """Measure how long a small project waits for its first queue, alone and beside a large import, in turns."""
    alone, beside = [], []
    for turn in range(REPEATS):
        alone.append(first_queue(f"alone {turn}", pairs[:SMALL_ROWS])[1])
        large = start_import(f"large {turn}", pairs)
        beside.append(first_queue(f"beside {turn}", pairs[:SMALL_ROWS])[1])
        wait_for_queue(large)
        time.sleep(SETTLE_SECONDS)  # its better features are fitted beside the next one, as in real life
    ratio = statistics.median(beside) / statistics.median(alone)
    report.title(f"The first queue of {SMALL_ROWS} texts beside an import of {len(pairs)}, {REPEATS} times in turns")
    report.say("Seconds, alone and beside", f"{statistics.median(alone):.2f}, {statistics.median(beside):.2f}")
    kept = ratio <= MAX_NEIGHBOUR_RATIO
    report.say("The second over the first", f"{ratio:.2f}", f"at most {MAX_NEIGHBOUR_RATIO:g}", kept)


def start_import(name: str, pairs: list[tuple[str, str]], **settings: object) -> "Project":
    """Make a project and have a worker import its texts."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from annotation.imports import importing
    from annotation.models import User
    from annotation.projects.projects import create_project

    lead, _ = User.objects.get_or_create(username="bench-lead")
    labels = [{"name": label} for label in sorted({label for _, label in pairs})]
    project: Project = create_project(lead, name, "text_classification", labels, settings=settings)
    run = importing.create_import(project, lead, SimpleUploadedFile("bench.csv", pool.as_csv(pairs)))
    importing.start_draft(run, {"text": "text", "hidden": ["label"]})
    return project


def wait_for_queue(project: "Project") -> None:
    from learner.models import Round

    wait_until(Round.objects.done().filter(project=project).exists, PATIENCE_SECONDS, f"a queue of {project.name}")


def first_queue(name: str, pairs: list[tuple[str, str]], **settings: object) -> "tuple[Project, float]":
    """Return a new project and the seconds from the start of its import to its first queue."""
    started = time.perf_counter()
    project = start_import(name, pairs, **settings)
    wait_for_queue(project)
    return project, time.perf_counter() - started


def cpu_of(stand: Stand, work: Callable[[], Any]) -> dict[str, float]:
    """Return the CPU seconds of each program while something is done."""
    names = ("web", *BACKGROUND)
    before = {name: stand.cpu(name) for name in names}
    work()
    return {name: stand.cpu(name) - before[name] for name in names}


def _table(cpu: dict[str, float], per: float) -> str:
    return ", ".join(f"{name.removeprefix('worker-')} {1000 * seconds / per:.2f}" for name, seconds in cpu.items())


if __name__ == "__main__":
    sys.exit(main())
