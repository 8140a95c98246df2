"""Shards: a large pool is scored by all workers that are free, and what is lost is scored again.

A sharded round leaves its model in the store and sends a chord: one message a shard, and one to finish the round when
all of them are scored. No worker waits for another. Messages hold ids and rows; what is done lies in the store;
whether the round still runs, the database says.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress

from celery import chord, group, signature
from celery.canvas import Signature
from celery.result import GroupResult
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from learner.engine.arrays.low_priority import run_at_low_priority
from learner.engine.arrays.sparse import Matrix, first_rows, slice_rows
from learner.engine.estimators import Model
from learner.engine.storage.feature_store import FeatureStore
from learner.engine.storage.shard_scores import Shard, split_rows_into_shards
from learner.engine.uncertainty.pool_scores import PoolScores, score_pool
from learner.models import Round

logger = logging.getLogger(__name__)


class Outdated(Exception):
    """What a round rests on is no longer in the store: the folder was lost."""


def should_shard(items: int) -> bool:
    """Whether a pool of so many items is scored in shards."""
    return 0 < settings.SHARD_ROWS < items


def missing_shards(store: FeatureStore, current: Round) -> list[Shard]:
    """Return the shards that nobody has scored yet."""
    return store.score_files(current.project_id, current.number).missing(_shards_of_round(current))


def send_shards(store: FeatureStore, current: Round, wanted: Sequence[Shard]) -> None:
    """Send shards to all workers; where no broker answers, the sweep will find the round."""
    store.score_files(current.project_id, current.number).create_folder()
    each = group(_task_message("score_shard", current.pk, *shard) for shard in wanted)
    try:
        sent = chord(each, _task_message("go_on", current.pk, current.worker)).apply_async()
        if isinstance(sent.parent, GroupResult):
            sent.parent.forget()  # else this process would listen for results that nobody asks for
    except (OperationalError, RedisError):
        logger.warning("no broker: the sweep will find round %s of project %s", current.number, current.project_id)


def _task_message(task: str, *args: object) -> Signature[None]:
    """Return a message by the task's name: the tasks import this file, not the reverse."""
    return signature(f"learner.tasks.{task}", args, immutable=True)


def score_and_store_shard(store: FeatureStore, current: Round, shard: Shard) -> None:
    """Score a shard unless it is there already. Raises Outdated."""
    scores = store.score_files(current.project_id, current.number)
    if scores.has(shard):
        return
    model, features = load_model_and_features(store, current)
    scored = run_at_low_priority(score_pool, model, slice_rows(features, *shard))
    with suppress(FileNotFoundError):  # the round has ended meanwhile
        scores.write(shard, scored)


def read_pool_scores(store: FeatureStore, current: Round, model: Model) -> PoolScores:
    """Return the scores of the whole pool by the round's model, once no shard is missing."""
    return store.score_files(current.project_id, current.number).read(_shards_of_round(current), model)


def load_model_and_features(store: FeatureStore, current: Round) -> tuple[Model, Matrix]:
    """Return the model of a round and the features of its items. Raises Outdated."""
    model = store.load_model(current.project_id, current.number)
    if model is None:
        raise Outdated("The model of this round is no longer there.")
    try:
        features = store.open_version(current.project_id, model.features)
    except FileNotFoundError:
        raise Outdated("The features of this round are no longer there.") from None
    if features.shape[0] < current.items:
        raise Outdated("The features of this round are no longer there.")
    return model, first_rows(features, current.items)


def _shards_of_round(current: Round) -> list[Shard]:
    return split_rows_into_shards(current.items, settings.SHARD_ROWS)
