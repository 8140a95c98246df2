"""Which encoding a file is written in, as far as its bytes tell; where they leave it open, the next best one."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from charset_normalizer import from_bytes

from annotation.errors import ImportRefused
from annotation.formats.code_pages import CODE_PAGES, CodePage, log_likelihood
from annotation.lazy_text import LazyText as _

MAX_WORD_BYTES = 3000  # of words beyond ASCII that are looked at, taken from all over the sample
MAX_ONE_WORD_BYTES = 200
MIN_MARGIN = 3.0  # of the logs: from here on the second best is not worth asking about
MIN_CHARACTER_SCORE = -9.5  # for each character, below which the best is not what the file is written in
UNDECODABLE_SCORE = -15.0  # of each byte of a word that is no text in an encoding
_BETWEEN_WORDS = re.compile(rb'[\s,;"]+')  # no byte of these is ever the second one of a character


@dataclass(frozen=True)
class EncodingGuess:
    """An encoding, and another one that cannot be ruled out, in which some of the text would be another one."""

    encoding: str
    other: str = ""
    is_certain: bool = True


def guess_encoding(raw: bytes) -> EncodingGuess:
    """Return the encoding of the beginning of a file; raises ImportRefused where the bytes are no text."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return EncodingGuess("utf-16")
    if b"\0" in raw:
        if (order := guess_utf16_encoding(raw)) is not None:
            return EncodingGuess(order)
        raise ImportRefused(
            _("This is a binary file (it has NUL bytes), not text. Margin reads CSV, TSV and JSONL files.")
        )
    if raw.startswith(codecs.BOM_UTF8) or _is_mostly_utf8(raw):
        return EncodingGuess("utf-8")
    return _guess_code_page(raw)


def guess_utf16_encoding(raw: bytes) -> str | None:
    """Tell UTF-16 without a mark by where its NUL bytes are: delimiters and line ends are ASCII in every script."""
    head = raw[: 4096 - len(raw[:4096]) % 2]
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, nuls, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if nuls >= 4 and others <= nuls // 4:  # U+4E00 and U+AC00, both of them frequent, have a NUL as well
            try:
                text = codecs.getincrementaldecoder(name)().decode(head)
            except UnicodeDecodeError:
                continue
            if "\n" in text or "\r" in text:
                return name
    return None


def differing_lines(raw: bytes, one: str, other: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a sample that are another text in another encoding, in both."""
    for line in raw.splitlines():
        if not line.isascii():
            texts = line.decode(one, "replace"), line.decode(other, "replace")
            if texts[0] != texts[1]:
                yield texts


def _is_mostly_utf8(raw: bytes) -> bool:
    """Tell whether the lines with non-ASCII characters are UTF-8, but for a few broken ones."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
        return True
    except UnicodeDecodeError:
        pass
    good = bad = 0
    for line in raw.split(b"\n")[:-1]:
        if not line.isascii():
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good >= 4 * bad and good > 0


def _guess_code_page(raw: bytes) -> EncodingGuess:
    words = _distinct_non_ascii_words(raw)
    scores = {page.encoding: _words_log_likelihood(words, page) for page in CODE_PAGES}
    ranked = sorted(scores, key=partial(_negated_score, scores))
    best = ranked[0]
    characters = sum(len(word.decode(best, "replace")) for word in words)
    if scores[best] < MIN_CHARACTER_SCORE * characters:
        return EncodingGuess(_guess_unusual_encoding(raw, words), best, is_certain=False)
    other = next((name for name in ranked[1:] if any(_decodes_differently(word, best, name) for word in words)), "")
    return EncodingGuess(best, other, is_certain=not other or scores[best] - scores[other] >= MIN_MARGIN)


def _negated_score(scores: dict[str, float], name: str) -> float:
    return -scores[name]


def _distinct_non_ascii_words(raw: bytes) -> list[bytes]:
    """Return different words with bytes beyond ASCII, from all over a sample."""
    lines = [line for line in raw.split(b"\n") if not line.isascii()]
    words: dict[bytes, None] = {}
    size, step = 0, max(1, len(lines) // 400)
    for line in lines[::step]:
        for word in _BETWEEN_WORDS.split(line):
            if not word.isascii() and word not in words:
                words[word[:MAX_ONE_WORD_BYTES] if len(word) > MAX_ONE_WORD_BYTES else word] = None
                size += len(word)
        if size > MAX_WORD_BYTES:
            break
    return list(words)


def _words_log_likelihood(words: list[bytes], page: CodePage) -> float:
    texts, undecodable = [], 0  # bytes
    for word in words:
        try:
            texts.append(
                codecs.getincrementaldecoder(page.encoding)().decode(word, final=len(word) < MAX_ONE_WORD_BYTES)
            )
        except UnicodeDecodeError:
            undecodable += len(word)
    if 2 * undecodable > sum(map(len, words)):
        return UNDECODABLE_SCORE * undecodable
    return log_likelihood("\n".join(texts), page) + UNDECODABLE_SCORE * undecodable


def _decodes_differently(word: bytes, one: str, other: str) -> bool:
    return word.decode(one, "replace") != word.decode(other, "replace")


def _guess_unusual_encoding(raw: bytes, words: list[bytes]) -> str:
    """Return the encoding of what no code page explains: one of two bytes in which it is text, else what others say."""
    for page in CODE_PAGES:
        if page.is_wide and all(_is_text(word, page.encoding) for word in words):
            return page.encoding
    lines = b"\n".join(line for line in raw.split(b"\n") if not line.isascii())[: 64 * 1024]
    match = from_bytes(lines, cp_exclusion=["utf_7", "utf_16", "utf_32"]).best()
    if match is None:
        raise ImportRefused(
            _(
                "The file is neither UTF-8 nor any encoding that can be recognised; it may be binary. "
                "Save it as UTF-8, or choose its encoding by hand."
            )
        )
    return match.encoding


def _is_text(word: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(word, final=len(word) < MAX_ONE_WORD_BYTES)
    except UnicodeDecodeError:
        return False
    return True
