"""Features of each token and of its neighbours, by name.

They are those common for named entities: the word, its shape, its ends, and its cluster among word embeddings
(Ratinov and Roth, "Design challenges and misconceptions in named entity recognition", CoNLL 2009; clusters as in
Miller, Guinness and Zamanian, HLT-NAACL 2004).
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from annotation.text.tokens import Token
from learner.engine.estimators.tagging.word_clusters import word_clusters

AFFIX_LENGTHS = (1, 2, 3, 4)  # characters of a word's prefixes and suffixes
RUN = re.compile(r"(.)\1+")
MAX_CACHED_WORDS = 200_000


def token_features(tokens: Sequence[Token]) -> list[list[str]]:
    """Return the names of the features that each token has."""
    words = [token.word for token in tokens]
    own_features = [_word_features(word) for word in words]
    neighbour_features = [_neighbour_features(word) for word in words]
    result = []
    for n, token in enumerate(tokens):
        features = ["bias", *own_features[n]]
        for step in (-2, -1, 1, 2):
            if 0 <= n + step < len(tokens):
                features += [f"{step}:{name}" for name in neighbour_features[n + step][: 3 if abs(step) == 2 else None]]
        if n == 0:
            features.append("first")
        elif tokens[n - 1].end == token.start:
            features.append("joined")
        if n == len(tokens) - 1:
            features.append("last")
        if n > 0:
            features.append(f"-1|0:{words[n - 1].lower()}|{words[n].lower()}")
        result.append(features)
    return result


@lru_cache(MAX_CACHED_WORDS)
def _word_features(word: str) -> tuple[str, ...]:
    """Return the features of a word by itself."""
    lower, shape = word.lower(), _word_shape(word)
    features = [f"w={lower}", f"shape={shape}", f"short={_collapsed_shape(shape)}"]
    features += [f"pre={lower[:n]}" for n in AFFIX_LENGTHS if n < len(lower)]
    features += [f"suf={lower[-n:]}" for n in AFFIX_LENGTHS if n < len(lower)]
    features += [f"cl{level}={cluster}" for level, cluster in enumerate(word_clusters(lower))]
    return tuple(features)


@lru_cache(MAX_CACHED_WORDS)
def _neighbour_features(word: str) -> tuple[str, ...]:
    """Return the features of a word that its neighbours get, the most telling ones first."""
    lower = word.lower()
    features = [f"w={lower}", *[f"cl{level}={cluster}" for level, cluster in enumerate(word_clusters(lower))]]
    return (*features, f"short={_collapsed_shape(_word_shape(word))}", f"suf={lower[-3:]}")


def _word_shape(word: str) -> str:
    """Return the kinds of a word's characters: McDonald7 is XxXxxxxxd; at most ten.

    >>> _word_shape("McDonald7"), _word_shape("巴")
    ('XxXxxxxxd', 'c')
    """
    return "".join(_character_kind(character) for character in word[:10])


def _collapsed_shape(shape: str) -> str:
    """Return a shape with each run of a kind as one.

    >>> _collapsed_shape("XxXxxxxxd")
    'XxXxd'
    """
    return RUN.sub(r"\1", shape)


def _character_kind(character: str) -> str:
    if character.isupper():
        return "X"
    if character.islower():
        return "x"
    if character.isdigit():
        return "d"
    return "c" if character.isalpha() else character
