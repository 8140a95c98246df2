"""Text to tokens with their places: words, punctuation marks, and each Chinese or Japanese character by itself.

Places count code points, the end exclusive. A mark that belongs to the character before it (an accent, a
joiner inside an emoji) stays in its token, so that no span ends in the middle of what a person sees as one.
"""

import re
import unicodedata
from typing import NamedTuple

ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana and Chinese characters
PIECE = re.compile(rf"[{ALONE}]|[^\W{ALONE}]+|[^\w\s]")
JOINERS = "\u200d\ufe0f\ufe0e"  # zero-width joiner, and how an emoji is to look


class Token(NamedTuple):
    """A stretch of a text."""

    start: int
    end: int
    word: str


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text in their order; white space is none.

    >>> [token.word for token in tokens("It's in 巴黎, ok")]
    ['It', "'", 's', 'in', '巴', '黎', ',', 'ok']
    """
    pieces = [Token(match.start(), match.end(), match.group()) for match in PIECE.finditer(text)]
    return pieces if text.isascii() else _joined(text, pieces)


def _joined(text: str, pieces: list[Token]) -> list[Token]:
    """Put marks to what they belong to."""
    found: list[Token] = []
    for piece in pieces:
        if found and found[-1].end == piece.start and _belong(found[-1].word, piece.word):
            start = found.pop().start
            found.append(Token(start, piece.end, text[start : piece.end]))
        else:
            found.append(piece)
    return found


def _belong(before: str, after: str) -> bool:
    if _is_mark(after[0]) or _is_skin(after[0]):
        return True
    if before[-1] == "\u200d":
        return True
    return _is_mark(before[-1]) and before[0].isalpha() and after[0].isalnum() and not PIECE_ALONE.match(after)


PIECE_ALONE = re.compile(f"[{ALONE}]")


def _is_mark(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character).startswith("M")


def _is_skin(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"
