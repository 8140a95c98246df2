"""What is said instead of a figure that too few answers carry."""

from collections.abc import Mapping

from django.utils.translation import ngettext

from learner.engine.statistics.estimates import MIN_TEST_ANSWERS

TestAnswers = Mapping[str, str]  # position of a test item -> its settled answer


def too_few_message(n: int) -> str:
    """Return the reason why a figure that rests on n answers is not shown."""
    message = ngettext(
        "%(n)d answer so far; it is shown from %(needed)d on.",
        "%(n)d answers so far; it is shown from %(needed)d on.",
        n,
    )
    return message % {"n": n, "needed": MIN_TEST_ANSWERS}
