"""Sentences for people, made where Django is not known: they remember how they were made.

Pure. Import it as `_`, so that makemessages finds the sentences; `annotation.i18n` translates them
in the reader's language.
"""


class LazyText(str):
    """An English sentence, and the pattern and values it was made of.

    >>> LazyText("Item %(number)d is not here.", number=3)
    'Item 3 is not here.'
    """

    __slots__ = ("pattern", "values")

    pattern: str
    values: dict[str, object]

    def __new__(cls, pattern: str, **values: object) -> "LazyText":
        self = super().__new__(cls, pattern % values if values else pattern)
        self.pattern, self.values = pattern, values
        return self
