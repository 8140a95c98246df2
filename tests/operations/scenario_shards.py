"""A large pool is scored in shards by a worker that is killed in the middle of it, and by one that comes to help."""

import sys
import time
from uuid import uuid4

import redis

from tests.operations import stage  # first: it sets Django up

from alproject import process_list  # isort: skip
from alproject.supervisor import Program  # isort: skip
from annotation.queue import answering

from annotation.queue import leasing  # isort: skip
from annotation.imports.importing import content_hash  # isort: skip
from annotation.models import Item, JobStatus, Membership, Project, QueueEntry, Role, User  # isort: skip
from annotation.queue.answering import Answer  # isort: skip
from learner.rounds import feature_matrices  # isort: skip
from learner.rounds.scheduling import stalled_sharded_rounds  # isort: skip
from learner.models import Round  # isort: skip
from learner.rounds.replay import replay_round  # isort: skip
from learner.engine.storage.shard_scores import split_rows_into_shards  # isort: skip

KINDS, ANSWERS = 40, 60
ITEMS = 3 * stage.settings.SHARD_ROWS + 1000  # four shards for two workers
PATIENCE = 60.0  # for a machine that is busy with other tests


def large_project() -> Project:
    """Make a project of a few messages in many variants, the first of which have answers."""
    project = stage.small_project(KINDS, estimator="forest", features="static", batch_size=ANSWERS)
    first = list(Item.objects.filter(project=project).order_by("position"))
    rows = []
    for position in range(KINDS, ITEMS):
        content = {"text": f"{first[position % KINDS].content['text']} {position}"}
        rows.append(Item(project=project, position=position, content=content, content_hash=content_hash(content)))
    Item.objects.bulk_create(rows, batch_size=5000)
    Project.objects.filter(pk=project.pk).update(item_count=ITEMS)
    project.refresh_from_db()
    person = User.objects.create_user(username="person", password=None)
    Membership.objects.create(project=project, user=person, role=Role.ANNOTATOR)
    taken = [row.item for row in leasing.lease(project, person, ANSWERS)]
    said = [{"labels": [first[item.position % KINDS].export_only["label"]]} for item in taken]
    answering.submit_answers(
        project, person, [Answer(uuid4(), item.pk, "label", value) for item, value in zip(taken, said, strict=True)]
    )
    return project


def worker(name: str) -> Program:
    """Return a worker that trains, for one thing at a time; on one machine each needs a name of its own."""
    argv = [part.replace("train@", f"{name}@") for part in process_list.worker_program("train").argv]
    argv[argv.index("-c") + 1] = "1"
    return Program(name, argv)


def scored(current: Round) -> int:
    """Count the shards that are there."""
    cut = split_rows_into_shards(current.items, stage.settings.SHARD_ROWS)
    return len(cut) - len(feature_matrices.feature_store().score_files(current.project_id, current.number).missing(cut))


def sharded() -> Round | None:
    return Round.objects.filter(sharded=True, status=JobStatus.RUNNING).first()


def main() -> None:
    project = large_project()
    with stage.running(stage.private_redis_program(), worker("two"), process_list.beat_program(stage.VAR)) as programs:
        current = stage.wait_until(sharded, PATIENCE, "a round is sharded")
        programs["one"] = stage.start(worker("one"))  # it starts while the other, alone so far, is at work for sure
        stage.wait_until(lambda: scored(current), PATIENCE, "the first shard")
        time.sleep(0.1)  # whoever has just written one is in the next by now
        stage.kill(programs["two"])
        stage.wait_until(stalled_sharded_rounds, PATIENCE, "something was lost with the worker")
        there = scored(current)
        print(f"{there} of 4 shards are there", flush=True)
        assert 0 < there < 4
        stage.wait_until(lambda: Round.objects.done().exists(), PATIENCE, "the round, after the kill")
        stage.wait_until(
            lambda: not list(feature_matrices.feature_store().root.glob("*/scores/*")),
            PATIENCE,
            "no shard is left behind",
        )
        listened_for = redis.Redis.from_url(stage.settings.REDIS_URL).pubsub_channels("*celery-task-meta*")
        assert listened_for == [], "a worker listens for results that nobody asks for"
    done = Round.objects.get()  # the same one: nothing was begun anew
    assert (done.pk, done.status, done.items) == (current.pk, JobStatus.DONE, ITEMS)
    again = replay_round(done)  # in one process
    assert again.is_identical, again.differences
    entries = QueueEntry.objects.filter(project=project).order_by("rank")
    published = list(entries.values_list("item__position", "reason", "score", "probability", "suggestion_score"))
    choices = [(c.row, c.reason, c.score, c.probability, c.label_score) for c in again.result.choices]
    assert published == choices
    print(done.timings, flush=True)


if __name__ == "__main__":
    sys.exit(main())
