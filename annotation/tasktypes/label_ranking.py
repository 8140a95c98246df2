"""The labels that a model finds most likely for an item, likeliest first: [{"label": "bread", "score": 0.41}]. Pure.

Annotators who see suggestions meet these first where there are more labels than digits. With fewer, each label keeps
its place and its key.
"""

from collections.abc import Mapping
from typing import Any

MOST = 5
DIGITS = 10  # keys from 1 to 9, and 0

Likely = list[dict[str, Any]]


def renamed(likely: Likely, names: Mapping[str, str]) -> Likely:
    """Return them with labels renamed; of those that became one the likelier stands.

    >>> renamed([{"label": "a", "score": 0.4}, {"label": "b", "score": 0.3}], {"b": "a"})
    [{'label': 'a', 'score': 0.4}]
    """
    found: dict[str, dict[str, Any]] = {}
    for one in likely:
        name = names.get(one["label"], one["label"])
        found.setdefault(name, {**one, "label": name})
    return list(found.values())


def without(likely: Likely, label: str) -> Likely:
    """Return them without a label that can no longer be given."""
    return [one for one in likely if one["label"] != label]
