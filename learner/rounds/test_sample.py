"""The test sample of a project, frozen once somebody has answered one of its items."""

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
from learner.rounds.item_contents import CHUNK_ROWS


def freeze_test_sample(project: Project) -> None:
    """Draw or extend the test sample; it is redrawn until somebody has answered one of its items.

    From then on it is frozen, and later imports add to it at the rate at which it was drawn.
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
        ]
        free = np.setdiff1d(np.arange(start, count), np.array(touched, dtype=np.int64))
        chosen = first_in_fixed_order(project.seed, TEST_SALT, free, max(0, size - frozen)).tolist()
        for low in range(0, len(chosen), CHUNK_ROWS):
            items.filter(position__in=chosen[low : low + CHUNK_ROWS]).update(split=Split.TEST)
        state.test_frozen_items = count
        state.save(update_fields=["test_frozen_items"])
