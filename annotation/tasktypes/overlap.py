"""How much two answers of several parts have in common. Pure."""

from collections import Counter
from collections.abc import Sequence

from annotation.tasktypes.contract import Part


def f1_distance(a: Sequence[Part], b: Sequence[Part]) -> float:
    """Return one minus the F1 of the parts of one answer against the other's; 0 where neither has any.

    >>> f1_distance([("x", None), ("y", None)], [("x", None)])
    0.33333333333333337
    """
    if not a and not b:
        return 0.0
    shared = sum((Counter(a) & Counter(b)).values())
    return 1 - 2 * shared / (len(a) + len(b))
