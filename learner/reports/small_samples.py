"""What is said instead of a figure that too few answers carry."""

from collections.abc import Mapping
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.models import Project, Split
from learner.engine.loop.fixed_orders import MAX_TEST_SHARE, required_test_items
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.loop_options import loop_options
from learner.models import LearnerState

TestAnswers = Mapping[str, str]  # position of a test item -> its settled answer


def too_few_answers_message(n: int) -> str:
    """Return the reason why a figure that rests on n answers is not shown."""
    message = ngettext(
        "%(n)d answer so far; it is shown from %(needed)d on.",
        "%(n)d answers so far; it is shown from %(needed)d on.",
        n,
    )
    return message % {"n": n, "needed": MIN_TEST_ANSWERS}


def max_test_answers(project: Project, answered: int) -> int:
    """Return how many answers the test sample can have at most, with the items that there are now."""
    state = LearnerState.objects.filter(project=project).first()
    frozen = project.items.filter(split=Split.TEST).count()
    required = required_test_items(
        requested=loop_options(project).test_size,
        item_count=project.item_count,
        frozen_count=frozen,
        frozen_item_count=state.test_frozen_items if state else 0,
        has_answers=answered > 0,
    )
    return max(frozen, required)


def small_test_sample_message(project: Project, answered: int, possible: int) -> str:
    """Return why the test sample can never have enough answers as things are, and what can be done about it."""
    values = {"needed": MIN_TEST_ANSWERS, "possible": possible, "items": project.item_count}
    small = _("The test sample is too small to measure accuracy: it has %(possible)d items, and %(needed)d are needed.")
    share = MAX_TEST_SHARE
    if answered:  # it is frozen, and grows at the rate at which it was drawn
        share = possible / project.item_count
    elif loop_options(project).test_size < MIN_TEST_ANSWERS:
        more = _("Raise the setting “Test size” to %(needed)d or more, and import more items: then it is drawn again.")
        return f"{small} {more}" % values
    values["more"] = max(1, ceil(MIN_TEST_ANSWERS / share) - project.item_count)
    more = _("It is at most a fifth of all %(items)d items and grows with them: import at least %(more)d more.")
    return f"{small} {more}" % values
