"""What learners read of a project's items, in chunks."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from annotation.models import Item, Project
from learner.engine.arrays.sparse import Matrix
from learner.engine.task_profiles import TASK_PROFILES, TaskProfile

CHUNK_ROWS = 2000  # items read at a time


def content_chunks(project: Project, start: int, stop: int) -> Iterator[list[Any]]:
    """Yield what learners read of the items at positions start..stop-1, in order, in chunks."""
    learner = TASK_PROFILES[project.task_type]
    items = Item.objects.filter(project=project)
    for low in range(start, stop, CHUNK_ROWS):
        part = items.filter(position__gte=low, position__lt=min(low + CHUNK_ROWS, stop)).order_by("position")
        yield _estimator_materials(learner, part.values_list("content", flat=True))


def _estimator_materials(learner: TaskProfile, contents: Iterable[Any]) -> list[Any]:
    """Return what a learner reads of contents, files by their paths."""
    material = [learner.content.material(content) for content in contents]
    return [default_storage.path(name) for name in material] if learner.content.files else material


def estimator_input(project: Project, features: Matrix) -> Matrix | NDArray[Any]:
    """Return what the project's models read of its first items: their features (n, d), or their contents (n,)."""
    contents = contents_of_first_items(project, features.shape[0])
    return features if contents is None else contents


def contents_at_positions(project: Project, positions: NDArray[np.integer[Any]]) -> NDArray[np.object_] | None:
    """Return (m,) what learners read of the items at these positions; None where they read the features."""
    learner = TASK_PROFILES[project.task_type]
    if learner.answers.estimator_reads == "features":
        return None
    items, read = Item.objects.filter(project=project), np.empty(len(positions), object)
    for low in range(0, len(positions), CHUNK_ROWS):
        part = positions[low : low + CHUNK_ROWS].tolist()
        known = dict(items.filter(position__in=part).values_list("position", "content"))
        read[low : low + len(part)] = _estimator_materials(learner, (known[position] for position in part))
    return read


def contents_of_first_items(project: Project, n: int) -> NDArray[np.object_] | None:
    """Return (n,) what learners read of the first items; None where they read the features."""
    if TASK_PROFILES[project.task_type].answers.estimator_reads == "features":
        return None
    read = np.empty(n, object)
    for position, content in enumerate(chain.from_iterable(content_chunks(project, 0, n))):
        read[position] = content
    return read
