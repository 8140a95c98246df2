"""People label without a break while things fail: the broker, workers, the disk, the store, the clock.

    python -m tests.operations.scenario_endurance ROUNDS PEOPLE SECONDS FAULT...

Each fault comes ROUNDS times, all in turn; SECONDS is how long Redis hangs. After each the next model has to come by
itself. No answer may be lost, no item may go to two people, and nobody may see an error.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

from tests.operations import stage  # first: it sets Django up

from django.utils import timezone  # isort: skip

from alproject import private_redis, process_list  # isort: skip
from alproject.supervisor import Program  # isort: skip
from annotation.models import Project  # isort: skip
from learner.autopilot import accounts  # isort: skip
from learner.autopilot.annotator_pool import AnnotatorPool  # isort: skip
from learner.autopilot.api_client import sign_in  # isort: skip
from learner.autopilot.audit import audit_answers  # isort: skip
from learner.models import LearnerState, Round  # isort: skip
from tests.operations.conftest import readiness  # isort: skip
from tests.operations.scenario_faults import annotator_pool_of, caught_up, newest_answer, running_round  # isort: skip

BATCH, PACE_SECONDS = 10, 1.0
FAULT_SECONDS = 40.0  # that a fault and the next round take at most, on the whole
PATIENCE = 120.0  # for a machine that is busy with other tests
LEAST_SHARE = 0.8  # of the usual rate of answers, while Redis hangs
SIGN_IN_SECONDS = 5.0  # a time-out of a second, and a machine that is busy with other tests
FULL_DISK_BYTES = 65536  # a worker can write no further than that into any file
PORT = int(os.environ["MARGIN_PORT"])


@dataclass
class Stage:
    """What is under way, and how long the broker hangs."""

    project: Project
    pool: AnnotatorPool
    programs: "dict[str, subprocess.Popen[bytes]]"
    hang_seconds: float
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def replace(self, name: str, program: Program) -> None:
        stage.kill(self.programs[name])
        self.programs[name] = stage.start(program)

    def usual(self, name: str) -> Program:
        return next(program for program in everything() if program.name == name)


def everything() -> list[Program]:
    return [*stage.everything(), process_list.worker_program("features")]


# Faults


def restart(scene: Stage) -> None:
    """Redis is killed and comes back empty a moment later."""
    stage.kill(scene.programs["redis"])
    time.sleep(scene.chance.uniform(0, 1.5))
    scene.programs["redis"] = stage.start(stage.private_redis_program())
    assert private_redis.wait_until_reachable(stage.settings.REDIS_URL)


def hang(scene: Stage) -> None:
    """Redis takes connections and does not answer: people label on and sign in."""
    late = accounts.ensure_observer(scene.project)
    usual = answers_per_second(scene.pool, scene.hang_seconds)
    scene.programs["redis"].send_signal(signal.SIGSTOP)
    try:
        meanwhile = answers_per_second(scene.pool, scene.hang_seconds)
        started = time.monotonic()
        sign_in(stage.URL, late.username, late.password).close()
        signed_in = time.monotonic() - started
        stage.wait_until(lambda: state_of("broker") == "down", PATIENCE, "readiness tells")
    finally:
        scene.programs["redis"].send_signal(signal.SIGCONT)
    print(f"{usual:.1f} answers a second, {meanwhile:.1f} while Redis hung; sign-in took {signed_in:.1f} s", flush=True)
    assert meanwhile >= LEAST_SHARE * usual
    assert signed_in < SIGN_IN_SECONDS


def kill(scene: Stage) -> None:
    """All workers die, one of them in a round where one runs, and start again."""
    stage.wait_until(running_round, PATIENCE, "a round")
    for name in ("worker-train", "worker-features"):
        scene.replace(name, scene.usual(name))


def disk(scene: Stage) -> None:
    """The disk of the train worker is full; then there is room again."""
    usual = scene.usual("worker-train")
    command = [process_list.PYTHON, "-c", WITH_FULL_DISK, *usual.argv]
    scene.replace("worker-train", Program(usual.name, command))
    time.sleep(5 + scene.chance.uniform(0, 5))
    scene.replace("worker-train", usual)


WITH_FULL_DISK = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({FULL_DISK_BYTES}, resource.RLIM_INFINITY))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def store(scene: Stage) -> None:
    """Somebody deletes features and models, while a round rests on them where one runs."""
    shutil.rmtree(stage.settings.STORE_ROOT, ignore_errors=True)


def beats(scene: Stage) -> None:
    """Two clocks run for a while."""
    schedule = stage.VAR / "second"
    schedule.mkdir(exist_ok=True)
    second = stage.start(process_list.beat_program(schedule))
    time.sleep(3 * stage.settings.SWEEP_SECONDS)
    assert second.poll() is None
    stage.kill(second)


def zombies(scene: Stage) -> None:
    """A worker stands still until another has taken over, and then goes on with what is no longer its own."""
    worker = scene.programs["worker-train"]
    stage.wait_until(running_round, PATIENCE, "a round")
    os.killpg(worker.pid, signal.SIGSTOP)
    usual = scene.usual("worker-train")
    other = stage.start(Program("worker-other", [part.replace("train@", "other@") for part in usual.argv]))
    try:
        next_round_comes("a round of the other worker")
    finally:
        os.killpg(worker.pid, signal.SIGCONT)
    time.sleep(stage.settings.SWEEP_SECONDS)
    stage.kill(other)


FAULTS: dict[str, Callable[[Stage], None]] = {
    fault.__name__: fault for fault in (restart, hang, kill, disk, store, beats, zombies)
}


# The people, and what is seen of the rest


@contextmanager
def labelling(pool: AnnotatorPool, items: int) -> Iterator[None]:
    """Everybody labels without a break for the length of the block."""
    failures: list[BaseException] = []

    def label() -> None:
        try:
            pool.give_answers(items)
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=label)
    thread.start()
    try:
        yield
    finally:
        pool.stop()
        thread.join()
    assert not failures, failures


def answers_per_second(pool: AnnotatorPool, seconds: float) -> float:
    before, started = pool.answer_count, time.monotonic()
    time.sleep(seconds)
    return (pool.answer_count - before) / (time.monotonic() - started)


def state_of(part: str) -> str:
    return str(readiness(PORT).get("parts", {}).get(part))


def next_round_comes(what: str) -> float:
    """Wait for a model that is begun from now on and sees the newest answer; return how many seconds that took."""
    upto, now, started = newest_answer(), timezone.now(), time.monotonic()
    later = Round.objects.done().filter(answers_upto__gte=upto, started_at__gte=now)
    stage.wait_until(later.exists, PATIENCE, what)
    return time.monotonic() - started


def main(rounds: int, people: int, hang_seconds: float, faults: list[str]) -> None:
    seconds_long = rounds * (FAULT_SECONDS * len(faults) + 2 * hang_seconds * faults.count("hang"))
    items = int(people / PACE_SECONDS * seconds_long)  # nobody runs out of them
    project = stage.small_project(items, batch_size=BATCH, features="static")
    with stage.running(*everything()) as programs:
        pool = annotator_pool_of(project, people, pace=PACE_SECONDS)
        stage.wait_until(lambda: caught_up(0), PATIENCE, "the first queue")
        scene = Stage(project, pool, programs, hang_seconds)
        with labelling(pool, items):
            next_round_comes("the first model")
            for number in range(rounds):
                for name in faults:
                    FAULTS[name](scene)
                    LearnerState.objects.filter(project=project).update(retry_at=None)  # as "Retrain now" does
                    seconds = next_round_comes(f"a round after {name}")
                    print(f"{name} {number + 1}: the next round after {seconds:.1f} s", flush=True)
        stage.wait_until(lambda: running_round() is None, PATIENCE, "the last round")
        for part in ("worker-train", "worker-features"):
            stage.wait_until(lambda part=part: state_of(part) == "ok", PATIENCE, f"{part} is there")
        ended = [name for name, process in programs.items() if process.poll() is not None]
        assert not ended, f"ended by themselves: {ended}"
        assert pool.total_traffic().server_errors == 0
        checked = audit_answers(project, pool.annotators)
        assert checked.is_clean, checked
    print(f"{pool.answer_count} answers, {Round.objects.count()} rounds", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:] or list(FAULTS))
