"""The labels that a model finds most likely for an item, likeliest first: [{"label": "bread", "score": 0.41}]. Pure.

Annotators who see suggestions meet these first where there are more labels than digits. With fewer, each label keeps
its place and its key.
"""

from collections.abc import Mapping
from typing import Any

MAX_TOP_LABELS = 5
DIGITS = 10  # keys from 1 to 9, and 0

LabelScores = list[dict[str, Any]]


def rename_score_labels(scores: LabelScores, names: Mapping[str, str]) -> LabelScores:
    """Return them with labels renamed; of those that became one the likelier stands.

    >>> rename_score_labels([{"label": "a", "score": 0.4}, {"label": "b", "score": 0.3}], {"b": "a"})
    [{'label': 'a', 'score': 0.4}]
    """
    by_name: dict[str, dict[str, Any]] = {}
    for entry in scores:
        name = names.get(entry["label"], entry["label"])
        by_name.setdefault(name, {**entry, "label": name})
    return list(by_name.values())


def drop_label(scores: LabelScores, label: str) -> LabelScores:
    """Return them without a label that can no longer be given."""
    return [entry for entry in scores if entry["label"] != label]
