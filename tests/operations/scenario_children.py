"""The processes of the train worker are killed in a round while the worker lives, and new ones start slowly."""

from tests.operations import stage  # first: it sets Django up

from alproject import process_list  # isort: skip
from alproject.supervisor import Program  # isort: skip
from annotation.models import JobStatus  # isort: skip
from learner.models import Round  # isort: skip
from tests.operations.scenario_faults import (  # isort: skip
    BATCH,
    ITEMS,
    PATIENCE,
    caught_up,
    annotator_pool_of,
    newest_answer,
    running_round,
)


def slow_worker() -> Program:
    usual = process_list.worker_program("train")
    return Program(usual.name, [*usual.argv, "--include", "tests.operations.slow_start"])


def main() -> None:
    project = stage.small_project(ITEMS, batch_size=BATCH)
    programs = [slow_worker() if one.name == "worker-train" else one for one in stage.everything()]
    with stage.running(*programs) as started:
        pool = annotator_pool_of(project)
        stage.wait_until(lambda: caught_up(0), PATIENCE, "the first queue")
        killed = False
        while not killed:
            assert pool.give_answers(BATCH) == BATCH
            stage.wait_until(running_round, PATIENCE, "no round starts")
            assert stage.kill_children(started["worker-train"]) > 0
            killed = running_round() is not None
            upto = newest_answer()
            stage.wait_until(lambda upto=upto: caught_up(upto), PATIENCE, "the next round after the processes died")
        assert started["worker-train"].poll() is None, "the worker itself has lived all the time"
    assert Round.objects.filter(status=JobStatus.FAILED).exists()


if __name__ == "__main__":
    main()
