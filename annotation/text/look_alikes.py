"""Which names look the same to people: `anna` and `аnnа` with Cyrillic letters, `ann0` and `anno`.

The table of confusable characters is that of Unicode (UTS 39), as the package confusable_homoglyphs brings it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import import_module

DIRECTION_MARKS = "\u200e\u200f\u061c"  # the table has some around characters that are written from right to left
ACROSS_CASES = str.maketrans({"i": "l", "1": "l", "0": "o"})  # `l` looks like the capital of `i`, `0` like that of `o`


def skeleton(name: str) -> str:
    """Return the same text for all names that look alike in capitals or small letters; people never see it.

    As `I` looks like `l` and is the capital of `i`, these three and `1` are one.

    >>> skeleton("Anna") == skeleton("аnnа") == skeleton("ａnna")
    True
    >>> skeleton("ann0") == skeleton("anno"), skeleton("modern") == skeleton("modem")
    (True, True)
    >>> skeleton("anna") == skeleton("hanna")
    False
    """
    look = _with_prototypes(unicodedata.normalize("NFKC", name).strip())
    look = _with_prototypes(look.casefold())  # again: small letters look like others than their capitals do
    return unicodedata.normalize("NFC", look.casefold().translate(ACROSS_CASES))


def _with_prototypes(text: str) -> str:
    prototypes = _prototypes()
    return "".join(prototypes.get(character, character) for character in text)


@cache
def _prototypes() -> Mapping[str, str]:
    """Return {character: the text that stands for all that look like it}; reading the table takes 0.1 seconds, once."""
    table = import_module("confusable_homoglyphs.confusables").confusables_data
    links: dict[str, set[str]] = defaultdict(set)
    for text, others in table.items():
        for other in others:
            one, two = (written.strip(DIRECTION_MARKS) for written in (text, other["c"]))
            links[one].add(two)
            links[two].add(one)
    prototypes: dict[str, str] = {}
    for text in links:
        if text not in prototypes:
            alike = _reachable(links, text)
            # of several characters where there is such a text, as `rn` for `m`: characters are replaced one by one
            prototype = min(alike, key=lambda member: (len(member) == 1, member))
            prototypes.update(dict.fromkeys(alike, prototype))
    return {text: prototype for text, prototype in prototypes.items() if len(text) == 1}


def _reachable(links: Mapping[str, set[str]], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        new = links[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return reached
