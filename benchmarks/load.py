"""Answers per second and server CPU per answer, while no round runs and while one always does.

The annotators are threads of this process on the same machine: what they cost is missing from the
server's CPU, but it does slow the answers per second, the more the fewer the processors.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Max, Sum

from annotation import queue
from annotation.models import Annotation, Project
from benchmarks.report import Report
from benchmarks.stand import Stand, wait_until
from learner.autopilot import people
from learner.autopilot.audit import audit
from learner.autopilot.client import Annotator, sign_in
from learner.autopilot.crew import Crew
from learner.autopilot.labelling import ask_for_round, wait_for_model
from learner.autopilot.oracle import Oracle
from learner.models import LearnerState, Round, RoundStatus

MOST_CPU_MS = 6.0
LEAST_RATE = 0.8
IDLE_BATCH, BUSY_BATCH = 10_000, 1_000
WARM_UP = 4  # answers by each person before the clock starts


@dataclass(frozen=True)
class Load:
    rate: float  # answers per second
    cpu_ms: float  # of the web server, per answer
    client_ms: float  # of this process, per answer
    calls: float  # requests per answer
    slowest_ms: float  # the 99th percentile of a call's time
    training: float  # share of the time in which a round ran
    unranked: float  # share of the answers about items that came from no queue


def measure(stand: Stand, report: Report, project: Project, oracle: Oracle, answers: int, crowds: list[int]) -> None:
    """Measure every crowd idle, then every crowd while rounds run."""
    idle = _idle(stand, project, oracle, answers, crowds)
    busy = _busy(stand, project, oracle, answers, crowds)
    for crowd in crowds:
        _say(report, crowd, idle[crowd], busy[crowd])


def make_crew(stand: Stand, project: Project, oracle: Oracle, count: int) -> Crew:
    """Return so many signed-in annotators."""
    names = {int(pk): oracle.label_of(int(pk)) for pk in oracle.ids}
    values = {pk: project.kind.value(name) for pk, name in names.items() if name is not None}
    return Crew(
        [
            Annotator(sign_in(stand.url, person.username, person.password), project.pk, values.get)
            for person in people.annotators(project, count)
        ]
    )


def _idle(stand: Stand, project: Project, oracle: Oracle, answers: int, crowds: list[int]) -> dict[int, Load]:
    """No round runs, and the ranked queue is deep enough for everybody."""
    _set_batch(project, IDLE_BATCH)
    ask_for_round(project)
    wait_until(lambda: not _under_way(project), 120, "a deep queue")
    wait_for_model(project, 120)
    with _watching(project, lambda: None):
        return {crowd: _run(stand, project, oracle, crowd, answers) for crowd in crowds}


def _busy(stand: Stand, project: Project, oracle: Oracle, answers: int, crowds: list[int]) -> dict[int, Load]:
    """A round is asked for as soon as the one before has ended."""
    _set_batch(project, BUSY_BATCH)
    with _watching(project, lambda: ask_for_round(project)):
        wait_until(lambda: _training(project), 60, "a round")
        return {crowd: _run(stand, project, oracle, crowd, answers) for crowd in crowds}


@contextmanager
def _watching(project: Project, when_idle: Callable[[], None]) -> Iterator[None]:
    """Look all the time, and do something whenever no round runs; the looking itself costs the same in both cases."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            if not _under_way(project):
                when_idle()
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _set_batch(project: Project, size: int) -> None:
    project.settings = {**project.settings, "batch_size": size}
    project.save(update_fields=["settings"])


def _under_way(project: Project) -> bool:
    """Whether a round runs or has been asked for. A cheap question, for what asks it slows the annotators down."""
    asked = LearnerState.objects.filter(project=project, asked_at__isnull=False)
    return _training(project) or asked.exists()


def _training(project: Project) -> bool:
    return Round.objects.filter(project=project, status=RoundStatus.RUNNING).exists()


def _run(stand: Stand, project: Project, oracle: Oracle, crowd: int, answers: int) -> Load:
    crew = make_crew(stand, project, oracle, crowd)
    crew.answer(WARM_UP * crowd)
    for annotator in crew.annotators:
        annotator.connection.traffic.seconds.clear()
    before = crew.traffic().calls
    newest = _newest_answer(project)
    server, client, started = stand.cpu("web"), _own_cpu(), time.perf_counter()
    trained = _seconds_trained(project)
    given = crew.answer(answers)
    seconds = time.perf_counter() - started
    used = stand.cpu("web") - server
    load = Load(
        rate=given / seconds,
        cpu_ms=1000 * used / given,
        client_ms=1000 * (_own_cpu() - client) / given,
        calls=(crew.traffic().calls - before) / given,
        slowest_ms=1000 * sorted(crew.traffic().seconds)[int(0.99 * len(crew.traffic().seconds))],
        training=(_seconds_trained(project) - trained) / seconds,
        unranked=_unranked(project, newest) / given,
    )
    traffic, checked = crew.traffic(), audit(project, crew.annotators)
    crew.close()
    if given < answers or traffic.server_errors or not checked.clean:
        raise RuntimeError(f"{given} of {answers} answers, {traffic.server_errors} server errors, {checked}")
    queue.release(project)  # so that the next crew starts from the top of the queue
    return load


def _own_cpu() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def _newest_answer(project: Project) -> int:
    return Annotation.objects.filter(project=project).aggregate(newest=Max("pk"))["newest"] or 0


def _unranked(project: Project, after: int) -> int:
    """Count the newer answers about items that were handed out at random because the queue had run dry."""
    return Annotation.objects.filter(project=project, pk__gt=after, round=None).count()


def _seconds_trained(project: Project) -> float:
    """Return the seconds for which rounds have run, the one under way included."""
    ended = Round.objects.filter(project=project, finished_at__isnull=False)
    length = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
    total = ended.aggregate(total=Sum(length))["total"]
    current = Round.objects.filter(project=project, status=RoundStatus.RUNNING).first()
    now = (time.time() - current.started_at.timestamp()) if current else 0.0
    return (total.total_seconds() if total else 0.0) + now


def _say(report: Report, crowd: int, idle: Load, busy: Load) -> None:
    who = f"{crowd} annotator{'s' if crowd > 1 else ''}"
    report.say(f"{who}: answers per second, no round running", f"{idle.rate:.0f}/s")
    report.say(f"{who}: answers per second, rounds running {busy.training:.0%} of the time", f"{busy.rate:.0f}/s")
    share = busy.rate / idle.rate
    report.say(f"{who}: the second over the first", f"{share:.2f}", f"at least {LEAST_RATE}", share >= LEAST_RATE)
    for name, load in (("no round running", idle), ("rounds running", busy)):
        cpu = f"{load.cpu_ms:.2f} ms"
        promise = f"at most {MOST_CPU_MS:g} ms"
        report.say(f"{who}: server CPU per answer, {name}", cpu, promise, load.cpu_ms <= MOST_CPU_MS)
    report.say(f"{who}: calls per answer; slowest 1 % of calls take", f"{idle.calls:.2f}; {idle.slowest_ms:.0f} ms")
    report.say(
        f"{who}: answers about items from no queue, idle; while rounds run", f"{idle.unranked:.1%}; {busy.unranked:.1%}"
    )
    report.say(f"{who}: CPU of the annotators themselves, per answer", f"{idle.client_ms:.2f} ms")
