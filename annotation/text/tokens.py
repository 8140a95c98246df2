"""Text to tokens with their places: words, punctuation marks, and each Chinese or Japanese character by itself.

Places count code points, the end exclusive. What belongs to the character before it (an accent, a joiner inside an
emoji) stays in its token, so that no span ends in the middle of what a person sees as one. The words that people
select are the same: static/js/spans/offsets.js.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import NamedTuple

ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana and Chinese characters
FLAG = "[\U0001f1e6-\U0001f1ff]"


def _combining_marks() -> str:
    """Return the characters that go over, under or into others, as ranges of a regular expression."""
    marks = [point for point in range(0x300, 0x20000) if unicodedata.category(chr(point))[0] == "M"]
    runs = [list(run) for _, run in groupby(enumerate(marks), lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


MARKS = _combining_marks()
TAIL = f"[{MARKS}\u200d\U0001f3fb-\U0001f3ff]*"  # with joiners and skin tones
WORD = rf"(?:[^\W{ALONE}]+|[{MARKS}\u200c\u200d]+)+"
TOKEN = re.compile(rf"[{ALONE}]{TAIL}|{WORD}|{FLAG}{FLAG}|\S{TAIL}(?:(?<=\u200d)\S{TAIL})*")


class Token(NamedTuple):
    """A stretch of a text."""

    start: int
    end: int
    word: str


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text in their order; white space is none.

    >>> [token.word for token in tokenize("It's in 巴黎, ok")]
    ['It', "'", 's', 'in', '巴', '黎', ',', 'ok']
    """
    return [Token(match.start(), match.end(), match.group()) for match in TOKEN.finditer(text)]


def split_at_spaces(text: str) -> list[Token]:
    """Return what stands between white space, as files of tokens have it.

    >>> [token.word for token in split_at_spaces("It's in Paris,  ok")]
    ["It's", 'in', 'Paris,', 'ok']
    """
    return [Token(match.start(), match.end(), match.group()) for match in re.finditer(r"\S+", text)]


def cut_tokens(tokens: Iterable[Token], offsets: Iterable[int]) -> list[Token]:
    """Return the tokens, those that have one of the places inside cut in two there.

    >>> [token.word for token in cut_tokens(split_at_spaces("in Paris, ok"), [8])]
    ['in', 'Paris', ',', 'ok']
    """
    wanted = sorted(set(offsets))
    parts: list[Token] = []
    for token in tokens:
        inside = wanted[bisect_right(wanted, token.start) : bisect_left(wanted, token.end)]
        for start, end in pairwise([token.start, *inside, token.end]):
            parts.append(Token(start, end, token.word[start - token.start : end - token.start]))
    return parts
