"""What several people's answers about one item come to. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from annotation.tasktypes.contract import TaskType
from annotation.tasktypes.scale import written


def settled(kind: TaskType, targets: Sequence[str]) -> str | None:
    """Return the answer that more people gave than any other, or None when there is no such answer.

    A tie is a disagreement that a person has to settle; nobody is to be trained on it before. Answers that are not
    equal may still say the same, as boxes do that are drawn by hand: the one given first stands for them. Numbers of a
    scale come to the middle one, which need not be one that somebody gave.
    """
    if kind.scale is not None:
        return written(median(map(float, targets))) if targets else None
    return _first(counts(kind, targets))


def counts(kind: TaskType, targets: Sequence[str]) -> Counter[str]:
    """Return how many gave each answer; those at no distance from one that came before count with that one."""
    plain = Counter(targets)
    if len(plain) < 2:
        return plain
    found: Counter[str] = Counter()
    values = {target: kind.value(target) for target in plain}
    for target, number in plain.items():
        like = next((one for one in found if kind.distance(values[one], values[target]) == 0), target)
        found[like] += number
    return found


def say_the_same(kind: TaskType, a: str, b: str) -> bool:
    """Whether two answers, as targets, are equal or at no distance."""
    return a == b or kind.distance(kind.value(a), kind.value(b)) == 0


def in_common(kind: TaskType, a: str, b: str) -> float:
    """Return how much of two answers, as targets, is the same: 1 where they say the same, 0 where nothing is.

    Where an answer has any number of parts it is their F1 (Hripcsak and Rothschild, JAMIA 2005), else all or nothing.
    """
    if kind.several:
        return 1.0 if a == b else 1 - kind.distance(kind.value(a), kind.value(b))
    return float(say_the_same(kind, a, b))


def says_otherwise(
    kind: TaskType, suggestion: Mapping[str, Any] | None, value: Mapping[str, Any] | None
) -> bool | None:
    """Whether an answer says something else than was suggested; None where there is no answer or suggestion.

    A box that was moved a little still overlaps by half, and a number may be near enough: these say the same.
    """
    if not suggestion or not value:
        return None
    return suggestion != value and kind.distance(suggestion, value) > 0


def _first(found: Counter[str]) -> str | None:
    ranked = found.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
