"""The train worker is killed in the middle of a round, again and again, while people label."""

import random
import sys
import time
from collections.abc import Callable

import redis
from kombu.exceptions import OperationalError

from tests.operations import stage  # first: it sets Django up

from alproject import process_list  # isort: skip
from annotation.models import Annotation, JobStatus, Project  # isort: skip
from learner import tasks  # isort: skip
from learner.autopilot import accounts  # isort: skip
from learner.autopilot.audit import audit_answers  # isort: skip
from learner.autopilot.api_client import Annotator, sign_in  # isort: skip
from learner.autopilot.annotator_pool import AnnotatorPool  # isort: skip
from learner.autopilot.oracle import read_oracle  # isort: skip
from learner.models import Round  # isort: skip

ITEMS, BATCH, PEOPLE = 600, 5, 2
PATIENCE = 60.0  # for a machine that is busy with other tests
SHORT = 0.05  # seconds of a round before any was seen
COMMIT_SECONDS = 0.5  # that the server takes to commit what was sent to it


def annotator_pool_of(project: Project, people: int = PEOPLE, pace: float = 0.0) -> AnnotatorPool:
    oracle = read_oracle(project, "label")
    answers = {int(pk): project.kind.answer.value(name) for pk in oracle.ids if (name := oracle.label_of(int(pk)))}
    signed_in = [sign_in(stage.URL, who.username, who.password) for who in accounts.ensure_annotators(project, people)]
    return AnnotatorPool([Annotator(connection, project.pk, answers.get, pace=pace) for connection in signed_in])


def newest_answer() -> int:
    return Annotation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def running_round() -> Round | None:
    """Return the running round; there is never more than one."""
    found = list(Round.objects.filter(status=JobStatus.RUNNING))
    assert len(found) <= 1, found
    return found[0] if found else None


def caught_up(upto: int) -> bool:
    """Tell whether a model has seen all answers up to one."""
    running_round()
    return Round.objects.done().filter(answers_upto__gte=upto).exists()


def kill_in_a_round(worker: "stage.subprocess.Popen[bytes]", delay: float) -> bool:
    """Wait for a round, kill its worker so many seconds into it; tell whether one was still running then."""
    stage.wait_until(running_round, PATIENCE, "no round starts")
    time.sleep(delay)
    stage.kill(worker)
    return seen_within(COMMIT_SECONDS, running_round)  # that one or, where it had just ended, the one after it


def seen_within(seconds: float, look: Callable[[], object]) -> bool:
    """Tell whether there is something by then: the server may still commit what a worker sent before it died."""
    deadline = time.monotonic() + seconds
    while look() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def lose_messages() -> None:
    redis.Redis.from_url(stage.settings.REDIS_URL).flushall()


def send_twice(project: Project) -> None:
    for _ in range(2):
        try:
            tasks.run_rounds.delay(project.pk)
        except OperationalError:
            return


def main(kills: int) -> None:
    project = stage.small_project(ITEMS, batch_size=BATCH)
    chance, hits = random.Random(7), 0
    with stage.running(*stage.everything()) as programs:
        pool = annotator_pool_of(project)
        stage.wait_until(lambda: caught_up(0), PATIENCE, "the first queue")
        while hits < kills:
            assert pool.give_answers(BATCH) == BATCH
            last = Round.objects.done().first()
            length = last.seconds if last and last.seconds else SHORT
            if hits % 4 == 1:
                lose_messages()  # before a worker could read them: the sweep finds the round
            hit = kill_in_a_round(programs["worker-train"], chance.uniform(0, 0.8 * length))
            hits += hit
            if hits % 4 == 2:
                lose_messages()
            programs["worker-train"] = stage.start(process_list.worker_program("train"))
            assert pool.give_answers(1) == 1, "people go on while no worker is there"
            if hits % 4 == 3:
                send_twice(project)
            upto = newest_answer() if hit else 0
            stage.wait_until(lambda upto=upto: caught_up(upto), PATIENCE, "the next round after a kill")
            print(f"{hits} kills, {pool.answer_count} answers", flush=True)
        stage.wait_until(lambda: running_round() is None, PATIENCE, "the last round")
    failed = Round.objects.filter(status=JobStatus.FAILED)
    assert failed.count() == hits, list(failed.values_list("number", "error"))
    assert set(failed.values_list("error", flat=True)) == {"The worker stopped in the middle of this round."}
    assert pool.total_traffic().server_errors == 0
    checked = audit_answers(project, pool.annotators)
    assert checked.is_clean, checked


if __name__ == "__main__":
    main(int(sys.argv[1]))
