"""Label a project without hands: several annotators at the API of the running server, who answer from the upload."""

import contextlib
import json
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from annotation.models import Project
from learner.autopilot import accounts, ground_truth
from learner.autopilot.annotator_pool import AnnotatorPool
from learner.autopilot.api_client import DECK, Annotator, CallFailed, Connection, sign_in
from learner.autopilot.audit import audit_answers
from learner.autopilot.labelling import LabellingPlan, NoRound, label_by_plan
from learner.autopilot.oracle import Oracle, read_oracle
from learner.autopilot.report import report_lines
from learner.autopilot.search_report import true_search_figures
from learner.management.arguments import project_by_name_or_id
from learner.rounds.feature_matrices import feature_store

DEFAULT_LABELS = 500
WATCH_SECONDS = 2.0


class Command(BaseCommand):
    help = "Label a project without hands, through the API of the running server, then print the learning curve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        url = f"http://127.0.0.1:{settings.WEB_PORT}"
        parser.add_argument("--project", required=True, help="name or id")
        parser.add_argument("--oracle", required=True, metavar="COLUMN", help="uploaded column with the true labels")
        parser.add_argument("--annotators", type=int, default=4, help="how many people at once (4)")
        parser.add_argument("--labels", type=int, help=f"answers to give, test sample included ({DEFAULT_LABELS})")
        parser.add_argument("--training-labels", type=int, help="stop when so many labels can train, whoever gave them")
        parser.add_argument("--url", default=url, help=f"of the running server ({url})")
        parser.add_argument("--pace", type=float, default=0.0, help="seconds a person looks at an item (0)")
        parser.add_argument("--deck", type=int, default=DECK, help=f"items that a person fetches ahead ({DECK})")
        parser.add_argument("--no-wait", action="store_true", help="do not wait for the model after each batch")
        parser.add_argument("--patience", type=float, default=180.0, help="seconds to wait for a round (180)")
        parser.add_argument("--truth", metavar="FILE:TEXT:LABEL", help="test set from outside: a CSV file, two columns")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the curve and all counts there")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_by_name_or_id(options["project"])
        with feature_store().keep_all_models(project.pk):  # the report asks each of them
            self._label_and_report(project, options)

    def _label_and_report(self, project: Project, options: dict[str, Any]) -> None:
        outside = ground_truth.read_external_test_set(project, options["truth"]) if options["truth"] else None
        oracle = read_oracle(project, options["oracle"])
        try:
            observer, pool = _sign_in(project, oracle, options)
            with _progress_bar(project, observer, pool, _labelling_plan(options), quiet=options["quiet"]):
                started = time.perf_counter()
                answers = label_by_plan(project, pool, _labelling_plan(options))
                seconds = time.perf_counter() - started
            accounts.release_leases(project)
        except (CallFailed, NoRound) as error:
            raise CommandError(str(error)) from None
        checked = audit_answers(project, pool.annotators)
        search = true_search_figures(project, oracle)
        report = {
            "project": {"id": project.pk, "name": project.name, "items": project.item_count},
            "answers": answers,
            "seconds": seconds,
            "traffic": {name: value for name, value in asdict(pool.total_traffic()).items() if name != "seconds"},
            "audit": asdict(checked),
            "progress": observer.call("GET", f"projects/{project.pk}/progress/"),
            "truth": None if search else ground_truth.true_learning_curves(project, oracle, outside),
            "search": search,
        }
        if options["json"]:
            options["json"].write_text(json.dumps(report, indent=1, default=str))
        for line in report_lines(report):
            self.stdout.write(line)
        if not checked.is_clean:
            raise CommandError(f"The server broke a promise: {asdict(checked)}")


def _labelling_plan(options: dict[str, Any]) -> LabellingPlan:
    labels = options["labels"]
    if labels is None and options["training_labels"] is None:
        labels = DEFAULT_LABELS
    return LabellingPlan(labels, options["training_labels"], not options["no_wait"], options["patience"])


def _sign_in(project: Project, oracle: Oracle, options: dict[str, Any]) -> tuple[Connection, AnnotatorPool]:
    """Return the observer's connection and the pool, all signed in over HTTP."""

    def answer_for(item: int) -> dict[str, Any] | None:
        name = oracle.label_of(item)
        return None if name is None else project.kind.answer.value(name)

    url = options["url"]
    observer_credentials = accounts.ensure_observer(project)
    observer = sign_in(url, observer_credentials.username, observer_credentials.password)
    annotators = [
        Annotator(
            sign_in(url, person.username, person.password),
            project.pk,
            answer_for,
            pace=options["pace"],
            deck=options["deck"],
        )
        for person in accounts.ensure_annotators(project, options["annotators"])
    ]
    return observer, AnnotatorPool(annotators)


@contextmanager
def _progress_bar(
    project: Project, observer: Connection, pool: AnnotatorPool, plan: LabellingPlan, *, quiet: bool
) -> Iterator[None]:
    """Show answers, answers/s, the newest round and accuracy."""
    if quiet:
        yield
        return
    done = threading.Event()
    with tqdm(total=plan.labels, unit=" answers", dynamic_ncols=True) as bar:
        lock = threading.Lock()

        def count_answer() -> None:
            with lock:
                bar.update()

        def show_progress() -> None:
            while not done.wait(WATCH_SECONDS):
                with contextlib.suppress(CallFailed):
                    bar.set_postfix_str(_progress_text(observer.call("GET", f"projects/{project.pk}/progress/")))

        pool.on_answer = count_answer
        watcher = threading.Thread(target=show_progress, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _progress_text(progress: dict[str, Any]) -> str:
    """Say in a few words where the project is."""
    words = [f"round {progress['queue']['round'] or 0}"]
    if current := progress["current"]:
        words.append(f"accuracy {current['accuracy']['value']:.3f} (n={current['accuracy']['n']})")
    return ", ".join(words)
