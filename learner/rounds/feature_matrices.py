"""A project's feature matrix: what is missing of it is computed, in pieces where that takes long."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter

from django.conf import settings

from annotation.models import Project
from learner.engine.arrays.sparse import Matrix, first_rows
from learner.engine.column_views import base_version
from learner.engine.features.encoders import EncoderMissing
from learner.engine.storage.feature_store import FeatureStore
from learner.loop_options import loop_options
from learner.models import Round
from learner.rounds import feature_selection, item_contents, search_columns
from learner.rounds.scheduling import request_round
from learner.rounds.waking import wake_worker

logger = logging.getLogger(__name__)


BUILD_SECONDS = 30  # at features in one go


class Paused(Exception):
    """Features are not whole yet; the next build goes on where this one stopped."""


def feature_store() -> FeatureStore:
    return FeatureStore(settings.STORE_ROOT)


def build_features(project_pk: int, *, done: bool = True) -> None:
    """Compute features of the items that came since; where `done`, also those that take longer.

    When better features than the last round had are ready, a round that uses them is due. What takes very long is
    left after a while and taken up again behind the features of other projects. Where another worker is at these
    features this one does not wait for it: whoever publishes the next round looks whether they are whole.
    """
    project, terms = Project.objects.get(pk=project_pk), ""
    try:
        progress = _raise_paused_after(BUILD_SECONDS)
        _, version = ensure_feature_matrix(project, project.item_count, quick=not done, wait=False, progress=progress)
        if done:
            terms = search_columns.build_terms(project, loop_options(project).strategy, progress)
    except Paused:
        wake_worker(project_pk, "build_features", done=True)
        return
    except EncoderMissing:
        logger.exception("project %s goes on with the features it has", project_pk)
        feature_store().record_error(project_pk, feature_selection.NOT_LOADED)
        return
    last = Round.objects.done().filter(project=project).order_by("-number").first()
    versions = None
    if last is not None:
        versions = base_version(str(last.settings.get("features"))), last.settings.get("terms", "")
    if done and versions is not None and versions != (version, terms):
        request_round(project)
        wake_worker(project_pk)


def _raise_paused_after(seconds: float) -> Callable[[int], None]:
    """Return what raises Paused when it is called after that time."""
    end = perf_counter() + seconds

    def raise_if_late(rows: int) -> None:
        if perf_counter() > end:
            raise Paused

    return raise_if_late


def ensure_feature_matrix(
    project: Project,
    items: int,
    *,
    quick: bool = False,
    wait: bool = True,
    progress: Callable[[int], None] | None = None,
) -> tuple[Matrix, str]:
    """Return the features of the project's first items, one row each, and their version.

    Computes what is missing; with `quick` what is there in a moment will do. `progress` is called after each chunk of
    what takes longer and may raise. Without `wait`, what another worker is computing is left to it, and rows may be
    missing. Raises EncoderMissing where better ones cannot be made.
    """
    features, kind = feature_store(), feature_selection.effective_feature_set_and_reason(project)[0]

    def texts(start: int) -> Iterator[list[str]]:
        return item_contents.content_chunks(project, start, items)

    ensure = partial(features.ensure_rows, project.pk, items, texts, kind, seed=project.seed, wait=wait)
    try:
        ensure(quick=True)
    except EncoderMissing:  # it made the current version, and new items have come since
        features.discard_current_version(project.pk)
        ensure(quick=True)
    if not quick:
        ensure(progress=progress or (lambda _: None))
    while True:
        version, matrix = features.current_version(project.pk), features.open(project.pk)
        if version == features.current_version(project.pk):  # else a better one took its place between the two
            return first_rows(matrix, items), version
