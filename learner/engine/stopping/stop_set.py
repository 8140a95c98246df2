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

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.agreement import Predictions
from learner.engine.contracts.stopping import Advice, RoundRecord

MAX_STOP_SET_CHARACTERS = (
    50_000  # characters that are kept of a round: some 900 boxes or 1,000 spans, 20 KB when packed
)
MIN_LABELS_APART = 25  # labels between two models that are compared: after fewer they agree because they hardly differ
COMPARED_PAIRS = 3  # comparisons whose mean is taken


def spaced_indices(
    label_counts: Sequence[int], min_apart: int = MIN_LABELS_APART, max_count: int = COMPARED_PAIRS + 1
) -> list[int]:
    """Return the indices of models that are at least `min_apart` labels apart, from the last one back; oldest first.

    >>> spaced_indices([10, 30, 40, 50, 70, 75], min_apart=25, max_count=3)
    [0, 3, 5]
    >>> spaced_indices([0, 10, 20, 30, 60], min_apart=25, max_count=3)
    [0, 3, 4]
    """
    chosen: list[int] = []
    for index in range(len(label_counts) - 1, -1, -1):
        if not chosen or label_counts[chosen[-1]] - label_counts[index] >= min_apart:
            chosen.append(index)
        if len(chosen) == max_count:
            break
    return chosen[::-1]


def comparable_predictions(rounds: Sequence[RoundRecord]) -> list[tuple[Predictions, Predictions]]:
    """Return up to COMPARED_PAIRS pairs of successive models' predictions of the newest model's stop set, oldest first.

    The two of a pair are about the same items: those that were kept of both.
    """
    if not rounds or rounds[-1].predictions is None or not len(rounds[-1].predictions):
        return []
    comparable = [
        (record.labels, record.predictions)
        for record in rounds
        if record.predictions is not None and len(record.predictions) and record.stop_set == rounds[-1].stop_set
    ]
    predictions = [comparable[index][1] for index in spaced_indices([record[0] for record in comparable])]
    return [(a[: len(b)], b[: len(a)]) for a, b in pairwise(predictions)]


def pack_stop_set_predictions(rows: NDArray[Any], predictions: NDArray[Any] | None) -> dict[str, str]:
    """Return a form for JSON, of a few hundred bytes where labels are few: {set, labels, codes}; empty without any.

    `set` names the rows (a digest), `predictions` are targets (m,), `codes` their indices in `labels`; both are
    compressed. Of more text than MAX_STOP_SET_CHARACTERS the first items are kept.
    """
    kept_count = 0 if predictions is None else _count_within_size_limit(predictions)
    if predictions is None or not kept_count:
        return {}
    labels, codes = np.unique(np.asarray(predictions[:kept_count], str), return_inverse=True)
    digest = hashlib.blake2b(np.asarray(rows, "<i8").tobytes(), digest_size=8).hexdigest()
    return {
        "set": digest,
        "labels": _compress_list(labels.tolist()),
        "codes": _compress_to_base64(codes.astype("<u2").tobytes()),
    }


def _count_within_size_limit(predictions: NDArray[Any]) -> int:
    """Return of how many targets, the first ones, the text fits, where equal ones are kept once."""
    seen: set[str] = set()
    length = 0
    for index, target in enumerate(map(str, predictions)):
        length += len(target) * (target not in seen)
        if length > MAX_STOP_SET_CHARACTERS:
            return index
        seen.add(target)
    return len(predictions)


def unpack_stop_set_predictions(packed: Mapping[str, Any]) -> NDArray[np.str_] | None:
    """Return the targets that were packed; None where there were none."""
    if not packed:
        return None
    codes = np.frombuffer(_decompress_base64(packed["codes"]), "<u2")
    predictions: NDArray[np.str_] = np.array(_unpacked_labels(packed), dtype=str)[codes]
    return predictions


def rename_packed_labels(packed: Mapping[str, Any], current_name: Callable[[str], str]) -> dict[str, Any]:
    """Return the packed targets under the names that labels have now, as `current_name` returns them."""
    return (
        {**packed, "labels": _compress_list([current_name(target) for target in _unpacked_labels(packed)])}
        if packed
        else {}
    )


def _unpacked_labels(packed: Mapping[str, Any]) -> list[str]:
    labels: list[str] | str = packed["labels"]  # the first releases did not compress the list
    return labels if isinstance(labels, list) else list(json.loads(_decompress_base64(labels)))


def _compress_list(labels: list[str]) -> str:
    return _compress_to_base64(json.dumps(labels, ensure_ascii=False).encode())


def _compress_to_base64(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 6)).decode()


def _decompress_base64(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def too_few_models_advice(pairs: Sequence[Any]) -> Advice:
    """Say that there are fewer than COMPARED_PAIRS pairs of models to compare yet."""
    reason = _(
        "It takes %(needed)d comparisons of models that are %(apart)d labels apart; so far: %(have)d.",
        needed=COMPARED_PAIRS,
        apart=MIN_LABELS_APART,
        have=len(pairs),
    )
    return Advice(None, reason, n=len(pairs))
