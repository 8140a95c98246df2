"""A round over one read of the feature matrix, and how soon after a batch the queue is the new model's."""

import statistics
import time

import numpy as np

from annotation.models import Annotation, Project
from benchmarks.report import Report
from learner.autopilot.annotator_pool import AnnotatorPool
from learner.autopilot.labelling import LabellingPlan, label_by_plan
from learner.loop_options import loop_options
from learner.models import Round
from learner.rounds import feature_matrices

PROMISED_SECONDS = 2.0
READS = 7


def measure(report: Report, project: Project, pool: AnnotatorPool, batches: int) -> None:
    """Label so many batches, each waiting for the model of the one before."""
    size = loop_options(project).batch_size
    label_by_plan(project, pool, LabellingPlan(labels=batches * size))
    done = list(Round.objects.done().filter(project=project, trigger="batch").order_by("-number")[:batches])
    if not done:
        raise RuntimeError("no round came")
    read = one_read(project)
    total = statistics.median(row.timings["total"] for row in done)
    ranking = statistics.median(row.timings["score"] + row.timings["choose"] for row in done)
    waits = [_wait(row) for row in done]
    slowest, median = max(waits), statistics.median(waits)
    n, d = feature_matrices.ensure_feature_matrix(project, project.item_count)[0].shape
    report.say(f"One read of the feature matrix ({n} x {d} float32, in memory)", f"{1000 * read:.1f} ms")
    report.say(f"Scoring and ranking over one read (median of {len(done)} rounds)", f"{ranking / read:.1f} : 1")
    report.say("A whole round, publishing included, over one read", f"{total / read:.1f} : 1")
    report.say("A whole round", f"{total:.2f} s")
    for step in ("read", "fit", "control", "score", "choose", "publish"):
        report.say(f"    of which {step}", f"{statistics.median(row.timings[step] for row in done):.3f} s")
    promise = f"at most {PROMISED_SECONDS:g} s"
    report.say("From a batch's last answer to the new queue, median", f"{median:.2f} s", promise, median <= 2)
    report.say("From a batch's last answer to the new queue, slowest", f"{slowest:.2f} s")


def one_read(project: Project) -> float:
    """Return the seconds that summing up the matrix takes once it is in memory; the best of a few."""
    matrix, _ = feature_matrices.ensure_feature_matrix(project, project.item_count)
    seconds = []
    for _ in range(READS):
        started = time.perf_counter()
        float(np.add.reduce(np.add.reduce(matrix)))
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def _wait(row: Round) -> float:
    """Return the seconds between the batch's last answer and the commit of the queue that saw it."""
    last = Annotation.objects.get(pk=row.answers_upto)
    return (row.finished_at - last.created_at).total_seconds() if row.finished_at else float("inf")
