"""The test sample of a project, frozen once somebody has answered one of its items.

A project that finds all items of a label has none: there, every item may be what is looked for.
"""

import numpy as np
from django.db import transaction
from django.db.models import F

from annotation.models import Annotation, Assignment, Item, Project, Split
from learner.engine.loop.fixed_orders import (
    TEST_SALT,
    first_in_fixed_order,
    required_test_items,
)
from learner.loop_options import loop_options
from learner.models import LearnerState
from learner.reports import earlier_metrics
from learner.rounds.item_contents import CHUNK_ROWS


def update_test_sample(project: Project) -> None:
    """Give the project the test sample that its goal wants."""
    if project.goal.finds_all:
        dissolve_test_sample(project)
    else:
        freeze_test_sample(project)


def dissolve_test_sample(project: Project) -> None:
    """Make all test items ordinary ones: those without an answer are ranked, the others' answers train.

    What was measured on them last is kept with its date, for nothing is measured from now on.
    """
    if LearnerState.objects.filter(project=project, test_frozen_items=0, has_searched=True).exists():
        return  # as in nearly every round
    metrics = earlier_metrics.newest_metrics_to_keep(project)
    with transaction.atomic():
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=project)
        Item.objects.filter(project=project, split=Split.TEST).update(split=Split.POOL)
        state.test_frozen_items = 0
        state.earlier_metrics = metrics or state.earlier_metrics
        state.has_searched = True
        state.save(update_fields=["test_frozen_items", "earlier_metrics", "has_searched"])


def freeze_test_sample(project: Project) -> None:
    """Draw or extend the test sample; it is redrawn until somebody has answered one of its items.

    From then on it is frozen, and later imports add to it at the rate at which it was drawn. Only items that nobody
    has touched are drawn; after a search none that has an answer, uploaded or not, for these were no random ones.
    """
    up_to_date = LearnerState.objects.filter(project=project, test_frozen_items__gte=F("project__item_count"))
    if up_to_date.exists():
        return  # as in nearly every round, and then nobody is kept from writing
    with transaction.atomic():
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=project)
        count = Project.objects.values_list("item_count", flat=True).get(pk=project.pk)
        if count <= state.test_frozen_items:
            return
        items = Item.objects.filter(project=project)
        annotations = Annotation.objects.live().filter(project=project, user__is_machine=False)
        answered = annotations.filter(item__split=Split.TEST).exists()
        start = state.test_frozen_items if answered else 0
        if not answered:
            items.filter(split=Split.TEST).update(split=Split.POOL)
        frozen = items.filter(split=Split.TEST).count()
        size = required_test_items(
            requested=loop_options(project).test_size,
            item_count=count,
            frozen_count=frozen,
            frozen_item_count=state.test_frozen_items,
            has_answers=answered,
        )
        assigned = Assignment.objects.filter(project=project)
        touched = [
            *annotations.values_list("item__position", flat=True),
            *assigned.values_list("item__position", flat=True),
            *(items.labelled().values_list("position", flat=True) if state.has_searched else []),
        ]
        free = np.setdiff1d(np.arange(start, count), np.array(touched, dtype=np.int64))
        chosen = first_in_fixed_order(project.seed, TEST_SALT, free, max(0, size - frozen)).tolist()
        for low in range(0, len(chosen), CHUNK_ROWS):
            items.filter(position__in=chosen[low : low + CHUNK_ROWS]).update(split=Split.TEST)
        state.test_frozen_items = count
        state.save(update_fields=["test_frozen_items"])
