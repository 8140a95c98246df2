"""Answers per second and server CPU per answer, while no round runs and while one always does.

The annotators are threads of this process on the same machine: what they cost is missing from the
server's CPU, but it does slow the answers per second, the more the fewer the processors.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

import psutil
from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Max, Sum

from annotation.models import Annotation, JobStatus, Project
from annotation.queue import leasing
from benchmarks.report import Report
from benchmarks.stand import Stand, wait_until
from learner.autopilot import accounts
from learner.autopilot.annotator_pool import AnnotatorPool
from learner.autopilot.api_client import Annotator, sign_in
from learner.autopilot.audit import audit_answers
from learner.autopilot.labelling import request_round_now, wait_for_model
from learner.autopilot.oracle import Oracle
from learner.models import LearnerState, Round

MOST_CPU_MS = 6.0
LEAST_RATE = 0.8
BATCH = 1_000  # the queue is two batches deep: more than is answered while a round runs
TURNS = 5  # stretches without rounds and with them take turns, so that a machine that slows down slows both
BARE = 200  # requests that do nothing
WARM_UP = 200  # answers before the clock starts, so that every thread of the server has worked


@dataclass
class Load:
    """Sums over stretches of one kind."""

    answers: int = 0
    seconds: float = 0
    server: float = 0  # CPU seconds of the web server
    client: float = 0  # CPU seconds of this process
    training: float = 0  # seconds in which a round ran
    unranked: int = 0  # answers about items that came from no queue
    bare: float = 0  # CPU seconds of the web server for BARE requests that do nothing, a stretch
    stretches: int = 0
    calls: list[float] = field(default_factory=list)  # the seconds that each took

    @property
    def rate(self) -> float:
        return self.answers / self.seconds

    def ms(self, seconds: float) -> float:
        """Return milliseconds an answer."""
        return 1000 * seconds / self.answers

    @property
    def bare_ms(self) -> float:
        """What a request costs that does nothing, in milliseconds: it tells a slow machine from a slow Margin."""
        return 1000 * self.bare / (self.stretches * BARE)

    @property
    def slowest_ms(self) -> float:
        """The 99th percentile of a call's time."""
        return 1000 * sorted(self.calls)[int(0.99 * len(self.calls))]


def measure(stand: Stand, report: Report, project: Project, oracle: Oracle, answers: int, crowds: list[int]) -> None:
    """Measure every crowd, in turns while no round runs and while one always does."""
    project.settings = {**project.settings, "batch_size": BATCH}
    project.save(update_fields=["settings"])
    for crowd in crowds:
        _say(report, crowd, *_take_turns(stand, project, oracle, crowd, answers))


def _take_turns(stand: Stand, project: Project, oracle: Oracle, crowd: int, answers: int) -> tuple[Load, Load]:
    pool = make_crew(stand, project, oracle, crowd)
    request_round_now(project)
    wait_for_model(project, 120)
    pool.give_answers(WARM_UP)
    idle, busy = Load(), Load()
    for _ in range(TURNS):
        wait_until(lambda: not _under_way(project), 120, "the end of a round")
        with _watching(project, lambda: None):
            _add_stretch(idle, stand, project, pool, answers // TURNS)
        with _watching(project, lambda: request_round_now(project)):
            wait_until(lambda: _training(project), 60, "a round")
            _add_stretch(busy, stand, project, pool, answers // TURNS)
    traffic, checked = pool.total_traffic(), audit_answers(project, pool.annotators)
    pool.close()
    if traffic.server_errors or not checked.is_clean:
        raise RuntimeError(f"{traffic.server_errors} server errors, {checked}")
    leasing.release_leases(project)  # so that the next pool starts from the top of the queue
    return idle, busy


def make_crew(stand: Stand, project: Project, oracle: Oracle, count: int) -> AnnotatorPool:
    """Return so many signed-in annotators."""
    names = {int(pk): oracle.label_of(int(pk)) for pk in oracle.ids}
    values = {pk: project.kind.answer.value(name) for pk, name in names.items() if name is not None}
    return AnnotatorPool(
        [
            Annotator(sign_in(stand.url, person.username, person.password), project.pk, values.get)
            for person in accounts.ensure_annotators(project, count)
        ]
    )


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


def _under_way(project: Project) -> bool:
    """Whether a round runs or has been asked for. A cheap question, for what asks it slows the annotators down."""
    asked = LearnerState.objects.filter(project=project, requested_at__isnull=False)
    return _training(project) or asked.exists()


def _training(project: Project) -> bool:
    return Round.objects.filter(project=project, status=JobStatus.RUNNING).exists()


def _add_stretch(load: Load, stand: Stand, project: Project, pool: AnnotatorPool, answers: int) -> None:
    for annotator in pool.annotators:
        annotator.connection.traffic.seconds.clear()
    newest, trained = _newest_answer(project), _seconds_trained(project)
    server, client, started = stand.cpu("web"), _own_cpu(), time.perf_counter()
    given = pool.give_answers(answers)
    load.seconds += time.perf_counter() - started
    load.server += stand.cpu("web") - server
    load.client += _own_cpu() - client
    load.training += _seconds_trained(project) - trained
    load.unranked += _unranked(project, newest)
    load.calls += pool.total_traffic().seconds
    load.answers += given
    load.bare += _bare_requests(stand)
    load.stretches += 1
    if given < answers:
        raise RuntimeError(f"{given} of {answers} answers: the pool is too small")


def _bare_requests(stand: Stand) -> float:
    """Return the web server's CPU seconds for requests that look at nothing."""
    before, line = stand.cpu("web"), HTTPConnection(urlsplit(stand.url).netloc)
    for _ in range(BARE):
        line.request("GET", "/healthz")
        line.getresponse().read()
    line.close()
    return stand.cpu("web") - before


def _own_cpu() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def _newest_answer(project: Project) -> int:
    return Annotation.objects.filter(project=project).aggregate(newest=Max("pk"))["newest"] or 0


def _unranked(project: Project, after: int) -> int:
    """Count the newer answers about items that were handed out at random because the queue had run dry."""
    return Annotation.objects.filter(project=project, pk__gt=after, round=None).count()


def _seconds_trained(project: Project) -> float:
    """Return the seconds for which rounds have run so far, the one under way included."""
    ended = Round.objects.filter(project=project, finished_at__isnull=False)
    length = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
    total = ended.aggregate(total=Sum(length))["total"]
    current = Round.objects.filter(project=project, status=JobStatus.RUNNING).first()
    now = (time.time() - current.started_at.timestamp()) if current else 0.0
    return (total.total_seconds() if total else 0.0) + now


def _say(report: Report, crowd: int, idle: Load, busy: Load) -> None:
    who = f"{crowd} annotator{'s' if crowd > 1 else ''}"
    for load in (idle, busy):
        trained = f"rounds running {load.training / load.seconds:.0%} of the time"
        report.say(f"{who}: answers per second, {trained}", f"{load.rate:.0f}/s")
    share = busy.rate / idle.rate
    report.say(f"{who}: the second over the first", f"{share:.2f}", f"at least {LEAST_RATE}", share >= LEAST_RATE)
    for name, load in (("no round running", idle), ("rounds running", busy)):
        cpu = load.ms(load.server)
        kept = cpu <= MOST_CPU_MS
        report.say(f"{who}: server CPU per answer, {name}", f"{cpu:.2f} ms", f"at most {MOST_CPU_MS:g} ms", kept)
        report.say(f"{who}: the same in bare requests of {load.bare_ms:.2f} ms", f"{cpu / load.bare_ms:.1f}")
        report.say(f"{who}: slowest 1 % of calls take, {name}", f"{load.slowest_ms:.0f} ms")
        report.say(f"{who}: answers about unranked items, {name}", f"{load.unranked / load.answers:.1%}")
    report.say(f"{who}: calls per answer", f"{len(idle.calls) / idle.answers:.2f}")
    report.say(f"{who}: CPU of the annotators themselves, per answer", f"{idle.ms(idle.client):.2f} ms")
