"""The stop set: items whose predictions are compared from model to model, and how they are kept.

It need not be labelled; it has to stay the same (Bloodgood and Vijay-Shanker, CoNLL 2009).
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import Words as _
from learner.engine.contracts.agreement import Predictions
from learner.engine.contracts.stopping import Advice, RoundRecord

MAX_ROWS = 2000  # items; more change the kappa little
MAX_IMAGES = 100  # where a model has to look at each of them for long
MOST_TEXT = 50_000  # characters that are kept of a round: some 900 boxes or 1,000 spans, 20 KB when packed
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


def compared(turns: Sequence[RoundRecord]) -> list[tuple[Predictions, Predictions]]:
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


def pack(rows: NDArray[Any], said: NDArray[Any] | None) -> dict[str, str]:
    """Return a form for JSON, of a few hundred bytes where labels are few: {set, labels, codes}; empty without any.

    `set` names the rows (a digest), `said` are targets (m,), `codes` their places in `labels`; both compressed. Of more
    text than MOST_TEXT the first items are kept.
    """
    kept = 0 if said is None else _fitting(said)
    if said is None or not kept:
        return {}
    labels, codes = np.unique(np.asarray(said[:kept], str), return_inverse=True)
    digest = hashlib.blake2b(np.asarray(rows, "<i8").tobytes(), digest_size=8).hexdigest()
    return {"set": digest, "labels": _squeezed_list(labels.tolist()), "codes": _squeezed(codes.astype("<u2").tobytes())}


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
    codes = np.frombuffer(_whole(packed["codes"]), "<u2")
    said: NDArray[np.str_] = np.array(_labels(packed), dtype=str)[codes]
    return said


def renamed(packed: Mapping[str, Any], now: Callable[[str], str]) -> dict[str, Any]:
    """Return the packed targets as they are now: `now` says it of each."""
    return {**packed, "labels": _squeezed_list([now(target) for target in _labels(packed)])} if packed else {}


def _labels(packed: Mapping[str, Any]) -> list[str]:
    kept = packed["labels"]
    found: list[str] = kept if isinstance(kept, list) else json.loads(_whole(kept))  # once they were kept as they are
    return found


def _squeezed_list(labels: list[str]) -> str:
    return _squeezed(json.dumps(labels, ensure_ascii=False).encode())


def _squeezed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 6)).decode()


def _whole(squeezed: str) -> bytes:
    return zlib.decompress(base64.b64decode(squeezed))


def too_few(pairs: Sequence[Any]) -> Advice:
    """Say that there are fewer than WINDOW pairs of models to compare yet."""
    reason = _(
        "It takes %(needed)d comparisons of models that are %(apart)d labels apart; so far: %(have)d.",
        needed=WINDOW,
        apart=APART,
        have=len(pairs),
    )
    return Advice(None, reason, n=len(pairs))
