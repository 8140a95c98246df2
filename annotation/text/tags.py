"""Spans as a tag for each token and back: B-name begins an entity, I-name goes on with it, O is outside (IOB2).

Ramshaw and Marcus, "Text chunking using transformation-based learning", WVLC 1995.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotation.text.tokens import Token

OUTSIDE = "O"


def tags_of(tokens: Sequence[Token], spans: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a tag for each token.

    A span takes every token that it touches. Of spans that share a token the longest stands: a sequence of tags
    can say no more.
    """
    tags = [OUTSIDE] * len(tokens)
    for span in sorted(spans, key=lambda span: (span["start"] - span["end"], span["start"], span["label"])):
        covered = [n for n, token in enumerate(tokens) if token.start < span["end"] and token.end > span["start"]]
        if covered and all(tags[n] == OUTSIDE for n in covered):
            tags[covered[0]] = f"B-{span['label']}"
            for n in covered[1:]:
                tags[n] = f"I-{span['label']}"
    return tags


def spans_from_tags(tokens: Sequence[Token], tags: Sequence[str]) -> list[dict[str, Any]]:
    """Return the spans that tags say; an I that goes on with nothing begins a span."""
    spans: list[dict[str, Any]] = []
    inside = ""
    for token, tag in zip(tokens, tags, strict=True):
        label = tag[2:]
        if label and tag[0] == "I" and label == inside:
            spans[-1]["end"] = token.end
        elif label:
            spans.append({"start": token.start, "end": token.end, "label": label})
        inside = label
    return spans
