"""What several people's answers about one item come to. Pure."""

from collections import Counter
from collections.abc import Sequence


def majority(targets: Sequence[str]) -> str | None:
    """Return the answer that more people gave than any other, or None when there is no such answer.

    A tie is a disagreement that a person has to settle; nobody is to be trained on it before.

    >>> majority(["spam", "ham", "spam"]), majority(["spam", "ham"]), majority([])
    ('spam', None, None)
    """
    ranked = Counter(targets).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
