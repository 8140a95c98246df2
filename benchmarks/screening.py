"""Finding all relevant records: loss beside ASReview's, how often the bound of recall holds, what a round costs.

    python -m benchmarks.screening --data FOLDER [--asreview PYTHON] [--seeds 3] [--replays 100] [--skip-cost]

FOLDER has reviews/nudging.csv.gz and reviews/virus_metagenomics.csv.gz (title, abstract, included) and, for the
cost of a large pool, online_shopping_10_cats.csv.gz (text, category); what is missing is said. PYTHON is an
interpreter whose environment has asreview, which is not installed here.
"""

import argparse
import csv
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from learner.engine.arrays.blas_threads import use_one_blas_thread
from learner.engine.arrays.sparse import slice_rows
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.features import FEATURE_SETS, transform_in_chunks
from learner.engine.screening import metrics
from learner.engine.screening.recall import estimate_recall
from learner.engine.simulation.experiments import object_array
from learner.engine.simulation.screening_replay import (
    Prior,
    ScreeningData,
    draw_prior,
    measure_round,
    replay_screening,
)

MAX_LOSS = {"nudging": 0.062, "virus_metagenomics": 0.061}  # batches of 10, one known record of each kind
RELEVANT = "1"
BATCH_SIZE = 10
CHECKED_EVERY = 25  # records between two looks at the bound of recall
MIN_CHECKED = 20  # records read before the first look
CONFIDENCE = 0.95
RARE_CATEGORY = "热水器"
MAX_ROUND_SECONDS = {2_000: 0.100, 40_000: 0.250}  # CPU
READ_AT_COST = 1_000  # records known when a round is timed
TIMED_ROUNDS = 5

SETTINGS = IterationSettings(strategy="screening", estimator="auto", batch_size=BATCH_SIZE)

# run by the interpreter that has asreview, on its default model; prints losses, or nothing where it is missing
ASREVIEW_PROGRAM = """
import json, sys
try:
    import asreview
    from asreview.metrics import loss
    from asreview.models.balancers import Balanced
    from asreview.models.classifiers import SVM
    from asreview.models.feature_extractors import Tfidf
    from asreview.models.queriers import Max
except ImportError:
    sys.exit(0)
import pandas
given = json.load(open(sys.argv[1]))
records, labels = pandas.DataFrame(given["records"]), given["labels"]
losses = []
for prior in given["priors"]:
    cycle = asreview.ActiveLearningCycle(
        querier=Max(), classifier=SVM(loss="squared_hinge", C=0.11), balancer=Balanced(ratio=9.8),
        feature_extractor=Tfidf(ngram_range=(1, 2), sublinear_tf=True, min_df=1, max_df=0.95), n_query=given["batch"],
    )
    run = asreview.Simulate(records, labels, cycle, print_progress=False)
    run.label(prior)
    run.review()
    read = run._results["record_id"].tolist()
    order = read[len(prior):] + [row for row in range(len(labels)) if row not in set(read)]
    losses.append(loss([labels[row] for row in order]))
print(json.dumps({"version": asreview.__version__, "losses": losses}))
"""


def main() -> None:
    options = _parse_options()
    use_one_blas_thread()
    report = Report()
    report.title("Finding all relevant records")
    for name in MAX_LOSS:
        path = options.data / "reviews" / f"{name}.csv.gz"
        if not path.exists():
            report.say(f"{name}", f"{path} is not there")
            continue
        data, records = read_review(path)
        _report_losses(report, name, data, records, options)
        if options.replays:
            _report_coverage(report, name, data, options.replays)
    if not options.skip_cost:
        _report_costs(report, options.data / "online_shopping_10_cats.csv.gz")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--asreview", default=sys.executable, metavar="PYTHON", help="interpreter that has asreview")
    parser.add_argument("--seeds", type=int, default=3, help="replays of each whole review (3)")
    parser.add_argument("--replays", type=int, default=100, help="replays of halves of each review for the bound (100)")
    parser.add_argument("--skip-cost", action="store_true", help="do not time rounds")
    return parser.parse_args()


def read_review(path: Path) -> tuple[ScreeningData, list[dict[str, str]]]:
    """Return the records of a review with their columns, and as they stand in the file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    texts = ["\n".join(cell for cell in (row["title"], row["abstract"]) if cell) for row in records]
    return screening_data(texts, [row["included"] for row in records], RELEVANT), records


def screening_data(texts: Sequence[str], labels: Sequence[str], target_label: str) -> ScreeningData:
    """Return texts with the columns that a live project has of them."""
    features, terms = (transform_in_chunks(FEATURE_SETS[name].fit(texts, 0), texts) for name in ("text", "tfidf"))
    return ScreeningData(features, object_array(labels), target_label, terms)


def _report_losses(
    report: Report, name: str, data: ScreeningData, records: list[dict[str, str]], options: argparse.Namespace
) -> None:
    """Replay the whole review from one known record of each kind, as ASReview does, and beside it."""
    results = [replay_screening(data, SETTINGS, Prior(1, 1), seed) for seed in range(options.seeds)]
    losses = [result.loss for result in results]
    limit, mean = MAX_LOSS[name], float(np.mean(losses))
    report.say(f"{name}: loss, mean of {len(results)} seeds", f"{mean:.4f}", f"at most {limit:g}", mean <= limit)
    report.say(f"{name}: loss of each seed", ", ".join(f"{loss:.4f}" for loss in losses))
    report.say(f"{name}: WSS@95", f"{100 * np.mean([result.wss95 for result in results]):.1f} %")
    report.say(f"{name}: ATD", f"{np.mean([result.atd for result in results]):.0f} records")
    cpu_seconds = np.mean([result.cpu_seconds_per_round for result in results])
    report.say(f"{name}: CPU of a round of {BATCH_SIZE}, model included", f"{1000 * cpu_seconds:.0f} ms")
    other = asreview_losses(options.asreview, data, records, [result.known_rows.tolist() for result in results])
    if other is None:
        report.say(f"{name}: ASReview's loss", "asreview is not installed: name an interpreter by --asreview")
    else:
        each = ", ".join(f"{loss:.4f}" for loss in other["losses"])
        report.say(f"{name}: loss of ASReview {other['version']}, the same", f"{np.mean(other['losses']):.4f} ({each})")


def asreview_losses(
    python: str, data: ScreeningData, records: list[dict[str, str]], priors: list[list[int]]
) -> dict[str, Any] | None:
    """Return {version, losses} of ASReview's default model from the same known records; None where it is missing."""
    given = {
        "records": [{"title": row["title"], "abstract": row["abstract"]} for row in records],
        "labels": data.is_relevant.astype(int).tolist(),
        "priors": priors,
        "batch": BATCH_SIZE,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.json"
        path.write_text(json.dumps(given), encoding="utf-8")
        done = subprocess.run([python, "-c", ASREVIEW_PROGRAM, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] | None = json.loads(done.stdout) if done.stdout.strip() else None
    return answer


def _report_coverage(report: Report, name: str, data: ScreeningData, replays: int) -> None:
    """Replay halves of the review drawn at random, and look how often the bound of recall was above the truth."""
    orders = [half_order(data, seed) for seed in range(replays)]
    checks = [bound_checks(order) for order in orders]
    held_always = sum(all(bound <= recall for _, recall, bound in row) for row in checks)
    points = [bound <= recall for row in checks for _, recall, bound in row]
    # by how much fewer may hold by chance: two standard deviations of a share of 95 %
    least = CONFIDENCE - 2 * float(np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / replays))
    report.say(
        f"{name}: halves in which the bound held at every look",
        f"{held_always} of {replays}",
        f"at least {least:.1%}",
        held_always >= least * replays,
    )
    report.say(f"{name}: looks at which it held", f"{np.mean(points):.2%}")
    for factor in (1, 2):
        bounds = [_bound_at(order, factor * metrics.records_to_recall(order, CONFIDENCE)) for order in orders]
        what = "when 95 % are found" if factor == 1 else "after twice as many records"
        report.say(f"{name}: the bound {what}, on average", f"{np.mean(bounds):.2f}")


def half_order(data: ScreeningData, seed: int) -> NDArray[np.bool_]:
    """Return whether each record was relevant, in the order in which a random half of them was read."""
    rows = np.sort(np.random.default_rng(1000 + seed).permutation(len(data.labels))[: len(data.labels) // 2])
    assert data.terms is not None
    half = ScreeningData(data.features[rows], data.labels[rows], data.target_label, data.terms[rows])
    return replay_screening(half, SETTINGS, Prior(1, 1), seed, with_model=False).is_relevant


def bound_checks(order: NDArray[np.bool_]) -> list[tuple[int, float, float]]:
    """Return (records read, recall, its lower bound) at every look."""
    recall = metrics.recall_curve(order)
    return [
        (read, float(recall[read - 1]), _bound_at(order, read))
        for read in range(MIN_CHECKED, len(order), CHECKED_EVERY)
    ]


def _bound_at(order: NDArray[np.bool_], read: int) -> float:
    read = min(read, len(order))
    return estimate_recall(order[:read], len(order) - read, CONFIDENCE).recall_lower_bound


def _report_costs(report: Report, path: Path) -> None:
    """Time rounds of a small and a large pool in which one category is rare."""
    if not path.exists():
        report.say("CPU of a round", f"{path} is not there")
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[: max(MAX_ROUND_SECONDS)]
    labels = [RELEVANT if row["category"] == RARE_CATEGORY else "0" for row in rows]
    data = screening_data([row["text"] for row in rows], labels, RELEVANT)
    for size, limit in MAX_ROUND_SECONDS.items():
        part = ScreeningData(
            slice_rows(data.features, 0, size), data.labels[:size], RELEVANT, slice_rows(data.terms, 0, size)
        )
        known_rows = draw_prior(part.is_relevant, _prior_at_cost(part), 0)
        for with_model in (False, True):
            seconds = [
                measure_round(part, SETTINGS, known_rows, number, with_model=with_model)
                for number in range(TIMED_ROUNDS)
            ]
            what = "ranking and the project's model" if with_model else "ranking"
            report.say(
                f"CPU of a round of {size:,} records, {len(known_rows)} of them read: {what}",
                f"{1000 * np.median(seconds):.0f} ms",
                f"at most {1000 * limit:.0f} ms",
                bool(np.median(seconds) <= limit),
            )


def _prior_at_cost(data: ScreeningData) -> Prior:
    """Return what is known when a round is timed: half of the relevant records, and others."""
    relevant = int(data.is_relevant.sum()) // 2
    return Prior(relevant, READ_AT_COST - relevant)


if __name__ == "__main__":
    main()
