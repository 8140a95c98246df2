"""What a model sees of each token: names of facts about it and about its neighbours.

The facts are those usual for named entities: the word, its shape, its ends, and its cluster among word embeddings
(Ratinov and Roth, "Design challenges and misconceptions in named entity recognition", CoNLL 2009; clusters as in
Miller, Guinness and Zamanian, HLT-NAACL 2004).
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from annotation.text.tokens import Token
from learner.engine.estimators.tagging.word_clusters import clusters

ENDS = (1, 2, 3, 4)  # characters of a word's beginnings and ends
RUN = re.compile(r"(.)\1+")
WORDS = 200_000  # distinct words whose facts are kept


def observations(tokens: Sequence[Token]) -> list[list[str]]:
    """Return the names of the facts that hold of each token."""
    words = [token.word for token in tokens]
    own = [_own(word) for word in words]
    near = [_near(word) for word in words]
    found = []
    for n, token in enumerate(tokens):
        facts = ["bias", *own[n]]
        for step in (-2, -1, 1, 2):
            if 0 <= n + step < len(tokens):
                facts += [f"{step}:{fact}" for fact in near[n + step][: 3 if abs(step) == 2 else None]]
        if n == 0:
            facts.append("first")
        elif tokens[n - 1].end == token.start:
            facts.append("joined")
        if n == len(tokens) - 1:
            facts.append("last")
        if n > 0:
            facts.append(f"-1|0:{words[n - 1].lower()}|{words[n].lower()}")
        found.append(facts)
    return found


@lru_cache(WORDS)
def _own(word: str) -> tuple[str, ...]:
    """Facts of a word by itself."""
    lower, shape = word.lower(), _shape(word)
    facts = [f"w={lower}", f"shape={shape}", f"short={_short(shape)}"]
    facts += [f"pre={lower[:n]}" for n in ENDS if n < len(lower)]
    facts += [f"suf={lower[-n:]}" for n in ENDS if n < len(lower)]
    facts += [f"cl{place}={cluster}" for place, cluster in enumerate(clusters(lower))]
    return tuple(facts)


@lru_cache(WORDS)
def _near(word: str) -> tuple[str, ...]:
    """Facts of a word that its neighbours see, the most telling ones first."""
    lower = word.lower()
    facts = [f"w={lower}", *[f"cl{place}={cluster}" for place, cluster in enumerate(clusters(lower))]]
    return (*facts, f"short={_short(_shape(word))}", f"suf={lower[-3:]}")


def _shape(word: str) -> str:
    """Return the kinds of a word's characters: McDonald7 is XxXxxxxxd; at most ten.

    >>> _shape("McDonald7"), _shape("巴")
    ('XxXxxxxxd', 'c')
    """
    return "".join(_kind(character) for character in word[:10])


def _short(shape: str) -> str:
    """Return a shape with each run of a kind as one.

    >>> _short("XxXxxxxxd")
    'XxXxd'
    """
    return RUN.sub(r"\1", shape)


def _kind(character: str) -> str:
    if character.isupper():
        return "X"
    if character.islower():
        return "x"
    if character.isdigit():
        return "d"
    return "c" if character.isalpha() else character
