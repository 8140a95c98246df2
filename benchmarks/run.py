"""Measure what Margin promises, as ratios in one run, on real programs in a place of their own.

python benchmarks/run.py                      # everything, some minutes
python benchmarks/run.py --quick              # the same on less, about a minute
python benchmarks/run.py --only round,load
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import pool
from benchmarks.report import Report
from benchmarks.stand import ROOT, Stand, prepare

MEASURES = ("transfer", "round", "load", "paint", "memory")
BATCH = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer texts, answers and rounds")
    parser.add_argument("--data", type=Path, help="CSV file (gzipped) with the columns text and label")
    parser.add_argument("--items", type=int, help="texts in the pool (20000; quick: 4000)")
    parser.add_argument("--only", default=",".join(MEASURES), help=f"which of {', '.join(MEASURES)}")
    given = parser.parse_args()
    only, report = set(given.only.split(",")), Report()
    items = given.items or (4000 if given.quick else 20_000)
    pairs = pool.rows(pool.find(given.data), items)
    if only - {"paint"}:
        _with_programs(report, pairs, only, given.quick)
    if "paint" in only:
        _paint(report, 20 if given.quick else 50)
    print("\nEvery promise was kept." if report.kept else "\nNot every promise was kept.")
    return 0 if report.kept else 1


def _with_programs(report: Report, pairs: list[tuple[str, str]], only: set[str], quick: bool) -> None:
    var, redis = prepare()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    try:
        with Stand(var, redis) as stand:
            _measure(stand, report, pairs, only, quick)
    except BaseException:
        print(f"What the programs said is in {var / 'log'}.")
        raise
    shutil.rmtree(var)


def _measure(stand: Stand, report: Report, pairs: list[tuple[str, str]], only: set[str], quick: bool) -> None:
    from annotation.models import User
    from annotation.projects.projects import create_project
    from benchmarks import load, round_time, transfer
    from learner.autopilot.labelling import wait_for_model
    from learner.autopilot.oracle import read_oracle

    lead = User.objects.create_superuser("bench-lead", password=None)
    labels = [{"name": name} for name in sorted({label for _, label in pairs})]
    project = create_project(lead, "bench", "text_classification", labels, settings={"batch_size": BATCH})
    report.title("Data in")
    transfer.import_file(stand, report, project, lead, pool.as_csv(pairs))
    project.refresh_from_db()
    wait_for_model(project, 600, upto=0)
    oracle = read_oracle(project, "label")
    if "round" in only:
        report.title(f"The loop: {project.item_count} texts, batches of {BATCH}, through Redis and a worker")
        round_time.measure(report, project, load.make_crew(stand, project, oracle, 4), 4 if quick else 12)
    if "load" in only:
        report.title("Answers")
        load.measure(stand, report, project, oracle, 200 if quick else 1000, [1, 8, 32])
    if "transfer" in only:
        report.title("Data out")
        transfer.export_everything(stand, report, project, lead)
    if "memory" in only:
        report.title("Memory: the most that one process of each program ever held")
        for name in ("web", "worker-train", "worker-default"):
            report.say(name, f"{stand.peak_mb(name):.0f} MB")


def _paint(report: Report, presses: int) -> None:
    """Ask the browser benchmark, which prints its own figures."""
    report.title("Every widget, in Chromium")
    command = [sys.executable, str(ROOT / "benchmarks" / "widgets.py"), "--presses", str(presses)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for line in (done.stdout or done.stderr[-2000:]).splitlines():
        report.say(line.strip(), "")
    report.say("Widgets as fluid as promised", "yes" if done.returncode == 0 else "no", "", done.returncode == 0)


if __name__ == "__main__":
    sys.exit(main())
