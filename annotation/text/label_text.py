"""Names of labels as people see them: what looks equal is equal, and what cannot be seen is no part of a name. Pure."""

import re
import unicodedata

SPACE_RUNS = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
JOINERS = "\u200c\u200d"  # Persian, Indian scripts and emoji need them between two characters
VARIATION_SELECTORS = "\ufe0e\ufe0f"  # of an emoji before them
# Control and format characters (directions, zero-width spaces), lines and paragraphs, halves of pairs
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # fillers and a blank
CONTROL_NAMES = {"\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN"}


def canonical_name(name: str) -> str:
    """Return a name in composed form (NFC) with plain spaces between its words; line breaks stay, to be refused.

    >>> canonical_name(" cafe\u0301\u00a0 au lait ")
    'café au lait'
    """
    return SPACE_RUNS.sub(" ", unicodedata.normalize("NFC", name)).strip()


def invisible_character(name: str) -> str:
    """Say which character of a name cannot be seen; empty where there is none.

    >>> invisible_character("sp\u200bam")
    'U+200B ZERO WIDTH SPACE'
    >>> invisible_character("می‌خواهم 👩‍🚀 ❤️")
    ''
    """
    for index, character in enumerate(name):
        if _is_visible(character, name[:index], name[index + 1 :]):
            continue
        known = CONTROL_NAMES.get(character) or unicodedata.name(character, "")
        return f"U+{ord(character):04X} {known}".strip()
    return ""


def comparison_key(name: str) -> str:
    """Return what names that people take for the same have in common: whatever the case, the width, the joiners.

    >>> comparison_key("Spam") == comparison_key("ｓｐａｍ")
    True
    """
    seen = "".join(character for character in name if character not in JOINERS + VARIATION_SELECTORS)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return canonical_name(folded)


def _is_visible(character: str, before: str, after: str) -> bool:
    if character in JOINERS:
        return bool(before and after) and not (_is_latin(before[-1]) or _is_latin(after[0]))
    if character in VARIATION_SELECTORS:
        return bool(before) and (unicodedata.category(before[-1]) in ("So", "Sm") or before[-1] in "0123456789#*‼⁉〰〽")
    if 0xE0020 <= ord(character) <= 0xE007F:  # of a flag
        return "\U0001f3f4" in before
    return unicodedata.category(character) not in INVISIBLE_CATEGORIES and character not in INVISIBLE_LETTERS


def _is_latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN ")
