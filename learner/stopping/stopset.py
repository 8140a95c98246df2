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
from learner.stopping.agreement import Said
from learner.stopping.contract import Advice, Turn

SIZE = 2000  # items; more change the kappa little
FEW = 100  # where a model has to look at each of them for long
MOST_TEXT = 50_000  # characters that are kept of a round: some 900 boxes or 1,000 spans
APART = 25  # labels between two models that are compared: after fewer they agree because they hardly differ
WINDOW = 3  # comparisons whose mean is taken


def spaced(labels: Sequence[int], apart: int = APART, most: int = WINDOW + 1) -> list[int]:
    """Return places of models at least `apart` labels apart, from the last one back; oldest first.

    >>> spaced([10, 30, 40, 50, 70, 75], apart=25, most=3)
    [0, 3, 5]
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
    """Return up to WINDOW pairs of successive models' predictions of the newest model's stop set, oldest first.

    The two of a pair are about the same items: those that were kept of both.
    """
    if not turns or turns[-1].said is None or not len(turns[-1].said):
        return []
    same = [
        (turn.labels, turn.said)
        for turn in turns
        if turn.said is not None and len(turn.said) and turn.stop_set == turns[-1].stop_set
    ]
    said = [same[place][1] for place in spaced([labels for labels, _said in same])]
    return [(a[: len(b)], b[: len(a)]) for a, b in pairwise(said)]


def pack(rows: NDArray[Any], said: NDArray[Any] | None) -> dict[str, Any]:
    """Return a form for JSON, of a few hundred bytes where labels are few: {set, labels, codes}; empty without any.

    `set` names the rows (a digest), `said` are targets (m,), `codes` their places in `labels`, compressed. Of more text
    than MOST_TEXT the first items are kept.
    """
    kept = 0 if said is None else _fitting(said)
    if said is None or not kept:
        return {}
    labels, codes = np.unique(np.asarray(said[:kept], str), return_inverse=True)
    squeezed = zlib.compress(codes.astype("<u2").tobytes(), 6)
    digest = hashlib.blake2b(np.asarray(rows, "<i8").tobytes(), digest_size=8).hexdigest()
    return {"set": digest, "labels": labels.tolist(), "codes": base64.b64encode(squeezed).decode()}


def _fitting(said: NDArray[Any]) -> int:
    """Return of how many targets, the first ones, the text fits, where equal ones are kept once."""
    known: set[str] = set()
    length = 0
    for place, target in enumerate(map(str, said)):
        length += len(target) * (target not in known)
        if length > MOST_TEXT:
            return place
        known.add(target)
    return len(said)


def unpack(packed: Mapping[str, Any]) -> NDArray[np.str_] | None:
    """Return the targets that were packed; None where there were none."""
    if not packed:
        return None
    codes = np.frombuffer(zlib.decompress(base64.b64decode(packed["codes"])), "<u2")
    said: NDArray[np.str_] = np.array(packed["labels"], dtype=str)[codes]
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
