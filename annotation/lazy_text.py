"""Sentences for people, made where Django is not known: they remember how they were made.

Pure. Import it as `_`, so that makemessages finds the sentences; `annotation.translation` says them
in the reader's language.
"""

from typing import Any


class Words(str):
    """An English sentence, and the pattern and values it was made of.

    >>> Words("Item %(number)d is not here.", number=3)
    'Item 3 is not here.'
    """

    __slots__ = ("pattern", "values")

    pattern: str
    values: dict[str, Any]

    def __new__(cls, pattern: str, **values: Any) -> "Words":
        self = super().__new__(cls, pattern % values if values else pattern)
        self.pattern, self.values = pattern, values
        return self
