"""Text cells that a spreadsheet would run as a formula: written with one apostrophe before them, read without it.

Excel and LibreOffice run what begins with one of = + - @, a tab or a line end; an apostrophe before it makes it text.
What begins with apostrophes before one of these gets one as well, so that reading can take exactly one away again.
A number is no formula and stays. Source: OWASP, "CSV Injection".

Pure.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotation.formats.column_inference import EXPORTED, RAW_CELLS

FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
WRITTEN_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")


def escape_formula(text: str) -> str:
    """Return what to write for a text.

    >>> [escape_formula(text) for text in ("=1+1", "a=1", "-0.5", "-x", "'=1", "'a")]
    ["'=1+1", 'a=1', '-0.5', "'-x", "''=1", "'a"]
    """
    return f"'{text}" if FORMULA.match(text) and not WRITTEN_NUMBER.fullmatch(text) else text


def unescape_formula(text: str) -> str:
    """Return the text for which `escape_formula` wrote this.

    >>> [unescape_formula(text) for text in ("'=1+1", "-0.5", "''=1", "'a")]
    ['=1+1', '-0.5', "'=1", "'a"]
    """
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def has_escaped_formulas(columns: Collection[str]) -> bool:
    """Tell by its columns whether Margin wrote a table with apostrophes."""
    return RAW_CELLS not in columns and set(EXPORTED) <= set(columns)


def escape_formulas(records: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield records with their texts, and the names of their columns, as they are written."""
    names = {name: escape_formula(name) for name in columns}
    for record in records:
        yield {
            written: escape_formula(value) if isinstance(value := record[name], str) else value
            for name, written in names.items()
            if name in record
        }
