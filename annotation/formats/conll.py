"""CoNLL files: a token and its tag a line, a blank line behind each sentence.

The token is the first column (of CoNLL-U the second) and the tag the last, separated by a tab or by spaces. Tags are
BIO as in CoNLL-2003 and WNUT-17 (IOB1 and IOB2), or BIOES and BILOU. A sentence is a row: its tokens joined by
spaces, and its entities as spans of that text in code points.

Written are IOB2 tags. A tag says one thing about a token, so answers whose spans overlap are refused rather than
written in part; where a span ends inside a token, the token is cut there. A text without an answer is left out: tags
would say that there is nothing in it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any

from annotation.errors import ImportRefused, InvalidRequest
from annotation.formats.contract import MAX_LINE_BYTES, BadRow, FileOptions, Record, Row, excerpt
from annotation.formats.text_stream import Lines
from annotation.lazy_text import LazyText as _
from annotation.text import tags, tokens

COLUMNS = ["text", "spans"]
TAG_PATTERN = re.compile(r"(?:O|([BIESLU])-(\S.*))\Z")
MAX_SNIFFED_LINES = 500  # lines of a sample
CONLLU_CELLS = 10  # of a line of CoNLL-U: a number, the word, eight more
CONLLU_RANGE = re.compile(r"\d+[-.]\d+\t")  # several of its words written as one, or one that is not written

Token = tuple[str, str, str]  # the word; B, I, E, S, L, U or nothing; the label or nothing


class ConllReader:
    def __init__(self, stream: IO[bytes], options: FileOptions) -> None:
        self._lines = Lines(stream, options)

    @property
    def position(self) -> int:
        return self._lines.position

    def __iter__(self) -> Iterator[Row]:
        for row, lines in enumerate(self._sentences(), 1):
            yield self._read_sentence(row, lines)
            self._lines.fault = ""

    def _sentences(self) -> Iterator[list[str]]:
        """Yield the lines of each sentence."""
        block: list[str] = []
        start = 0
        for line in self._lines:
            if line.isspace():
                if block:
                    yield block
                block, start = [], self._lines.position
            elif not _is_comment(line):
                block.append(line.rstrip("\r\n"))
            if self._lines.position - start > MAX_LINE_BYTES:
                raise _sentence_too_long_error()
        if block:
            yield block

    def _read_sentence(self, row: int, lines: Sequence[str]) -> Row:
        whole = " ".join(lines)
        if self._lines.fault:
            return BadRow(row, self._lines.fault, excerpt(whole))
        tokens = []
        for line in lines:
            token = _parse_token_line(line)
            if token is None:
                reason = _("Not a token and its tag (O, B-name or I-name): “%(line)s”.", line=excerpt(line)[:80])
                return BadRow(row, reason, excerpt(whole))
            tokens.append(token)
        return Record(row, {"text": " ".join(word for word, _, _ in tokens), "spans": spans_of_tokens(tokens)})


def spans_of_tokens(tokens: Sequence[Token]) -> list[dict[str, Any]]:
    """Return the entities of tokens that are joined by spaces.

    >>> spans_of_tokens([("Ada", "B", "PER"), ("Lovelace", "I", "PER"), ("slept", "", "")])
    [{'start': 0, 'end': 12, 'label': 'PER'}]
    """
    spans: list[dict[str, Any]] = []
    start, inside = 0, ""  # inside: the label of the entity that may go on
    for word, prefix, label in tokens:
        end = start + len(word)
        if label and prefix in "IEL" and inside == label:
            spans[-1]["end"] = end
        elif label:
            spans.append({"start": start, "end": end, "label": label})
        inside = "" if prefix in ("E", "L", "S", "U") else label
        start = end + 1
    return spans


def looks_like_conll(text: str) -> bool:
    """Tell whether every line of a sample's beginning ends in a tag, and one at least has tokens of both kinds."""
    lines = [
        line
        for line in text.split("\n", MAX_SNIFFED_LINES)[:MAX_SNIFFED_LINES]
        if line.strip() and not _is_comment(line)
    ]
    tokens = [_parse_token_line(line) for line in lines]
    return len(tokens) > 1 and all(tokens) and any(token is not None and not token[1] for token in tokens)


def _parse_token_line(line: str) -> Token | None:
    cells = line.split("\t") if "\t" in line else line.split()
    tag = TAG_PATTERN.match(cells[-1].strip()) if len(cells) > 1 and cells[0].strip() else None
    word = cells[1] if len(cells) == CONLLU_CELLS and cells[0].isdecimal() else cells[0]
    return (word.strip(), tag[1] or "", (tag[2] or "").strip()) if tag and word.strip() else None


def _is_comment(line: str) -> bool:
    """Tell the marks between documents, and comments, from tokens: “#” may be one of those."""
    if line.startswith("-DOCSTART-") or CONLLU_RANGE.match(line):
        return True
    return line.startswith("# ") and _parse_token_line(line) is None


def _sentence_too_long_error() -> ImportRefused:
    message = _(
        "A sentence of the file is longer than %(most)d MB. Sentences are separated by blank lines.",
        most=MAX_LINE_BYTES // 1024 // 1024,
    )
    return ImportRefused(message)


def tagged_lines(text: str, spans: Sequence[Mapping[str, Any]], text_tokens: Iterable[tokens.Token]) -> list[str]:
    """Return the lines of a text that is made of these tokens, none of which has white space; spans do not overlap.

    >>> tagged_lines("in Paris, ok", [{"start": 3, "end": 8, "label": "place"}], tokens.split_at_spaces("in Paris, ok"))
    ['in\\tO', 'Paris\\tB-place', ',\\tO', 'ok\\tO']
    """
    parts = tokens.cut_tokens(text_tokens, [span[end] for span in spans for end in ("start", "end")])
    return [f"{token.word}\t{tag}" for token, tag in zip(parts, tags.tags_of(parts, spans), strict=True)]


@dataclass
class Conll:
    """The format; `split` makes the tokens of a text that is written."""

    name: str
    title: str
    split: Callable[[str], list[tokens.Token]]
    suffix: str = ".conll"
    content_type: str = "text/plain; charset=utf-8"

    def columns(self, sample: bytes, options: FileOptions) -> list[str]:
        return COLUMNS

    def read(self, stream: IO[bytes], options: FileOptions) -> ConllReader:
        return ConllReader(stream, options)

    def write(self, records: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
        """Yield a sentence for each answer; raises InvalidRequest for one whose spans overlap."""
        for record in records:
            if record.get("value") is None:
                continue
            spans = sorted(record["value"]["spans"], key=lambda span: span["start"])
            if any(after["start"] < before["end"] for before, after in pairwise(spans)):
                raise InvalidRequest(_(OVERLAP_MESSAGE, item=record["item"]))
            text = record["text"]
            if lines := tagged_lines(text, spans, self.split(text)):
                yield "\n".join(lines) + "\n\n"


OVERLAP_MESSAGE = _("In item %(item)s spans overlap, which one tag a token cannot say. JSONL and CSV hold all spans.")
WORDS = Conll("conll", _("CoNLL, words and marks apart"), tokens.tokenize)
SPACES = Conll("conll_spaces", _("CoNLL, split at spaces as imported"), tokens.split_at_spaces)
