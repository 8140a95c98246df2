"""The stop set: items whose predictions are compared from model to model, and how they are kept.

It need not be labelled; it has to stay the same (Bloodgood and Vijay-Shanker, CoNLL 2009).
"""

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.words import Words as _
from learner.stopping.contract import Advice, Said, Turn

SIZE = 2000  # items; more change the kappa little
APART = 25  # labels between two models that are compared: after fewer they agree because they hardly differ
WINDOW = 3  # comparisons whose mean is taken


def spaced(labels: Sequence[int], apart: int = APART, most: int = WINDOW + 1) -> list[int]:
    """Return places of models at least `apart` labels apart, from the last one back; oldest first.

    >>> spaced([10, 30, 40, 50, 70, 75], apart=25, most=3)
    [1, 5]
    >>> spaced([0, 10, 20, 30, 60], apart=25, most=3)
    [0, 3, 4]
    """
    chosen: list[int] = []
    for place in range(len(labels) - 1, -1, -1):
        if not chosen or labels[chosen[-1]] - labels[place] >= apart:
            chosen.append(place)
        if len(chosen) == most:
            break
    return chosen[::-1]


def compared(turns: Sequence[Turn]) -> list[tuple[Said, Said]]:
    """Return up to WINDOW pairs of successive models' predictions of the newest model's stop set, oldest first."""
    if not turns or turns[-1].said is None or not len(turns[-1].said):
        return []
    same = [turn for turn in turns if turn.said is not None and turn.stop_set == turns[-1].stop_set]
    said = [same[place].said for place in spaced([turn.labels for turn in same])]
    return [(a, b) for a, b in pairwise(said) if a is not None and b is not None]


def kappa(one: Said, other: Said) -> float:
    """Return Cohen's kappa of two models' labels for the same items: agreement beyond that of chance.

    Two models that both know one label only agree by necessity; that is 1 where it is the same one.

    >>> kappa(np.array(["a", "a", "b", "b"]), np.array(["a", "a", "b", "a"]))
    0.5
    """
    if not len(one):
        return 1.0
    names, codes = np.unique(np.concatenate([np.asarray(one, str), np.asarray(other, str)]), return_inverse=True)
    a, b = codes[: len(one)], codes[len(one) :]
    agree = float(np.mean(a == b))
    shares = [np.bincount(side, minlength=len(names)) / len(side) for side in (a, b)]
    chance = float(shares[0] @ shares[1])
    return 1.0 if chance >= 1 else (agree - chance) / (1 - chance)


def concordance(one: Said, other: Said) -> float:
    """Return how far two models' numbers for the same items are the same: 1 where all are (Lin, Biometrics 1989).

    What kappa is to labels: the mean squared difference, held against that of numbers that have nothing to do with
    each other.

    >>> round(concordance(np.array([1.0, 2, 3]), np.array([1.0, 2, 4])), 3)
    0.857
    """
    chance = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return 1.0 if chance <= 0 else float(1 - ((one - other) ** 2).mean() / chance)


def alike(one: Said, other: Said) -> float:
    """Return the agreement of two models beyond that of chance: kappa of labels, concordance of numbers."""
    return concordance(one, other) if are_numbers(one) else kappa(one, other)


def are_numbers(said: Said) -> bool:
    """Whether a model said numbers of a scale, not labels."""
    return said.dtype.kind == "f"


def pack(rows: NDArray[Any], said: Said | None) -> dict[str, Any]:
    """Return a form for JSON of a few hundred bytes: {set, labels, codes}; empty without predictions.

    `set` names the rows (a digest), `codes` are places in `labels`, compressed.
    """
    if said is None or not len(rows):
        return {}
    labels, codes = np.unique(np.asarray(said, str), return_inverse=True)
    squeezed = zlib.compress(codes.astype("<u2").tobytes(), 6)
    digest = hashlib.blake2b(np.asarray(rows, "<i8").tobytes(), digest_size=8).hexdigest()
    return {"set": digest, "labels": labels.tolist(), "codes": base64.b64encode(squeezed).decode()}


def unpack(packed: Mapping[str, Any]) -> Said | None:
    """Return the labels that were packed; None where there were none."""
    if not packed:
        return None
    codes = np.frombuffer(zlib.decompress(base64.b64decode(packed["codes"])), "<u2")
    said: Said = np.array(packed["labels"], dtype=str)[codes]
    return said


def too_few(pairs: Sequence[Any]) -> Advice:
    """Say that there are fewer than WINDOW pairs of models to compare yet."""
    reason = _(
        "It takes %(needed)d comparisons of models that are %(apart)d labels apart; so far: %(have)d.",
        needed=WINDOW,
        apart=APART,
        have=len(pairs),
    )
    return Advice(None, reason, n=len(pairs))
