"""Files that are text, but no table and no JSON: recognised by how they begin, and refused by their name.

Each would otherwise be taken for a table of one column, a line an item.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.errors import ImportRefused
from annotation.lazy_text import LazyText as _

SNIFFED_CHARACTERS = 64 * 1024
_AS_ROWS = _("Write the texts as CSV or JSONL, one a row.")
_REFERENCES = _("Export the references as CSV; reference managers and databases can.")
_AS_CONLL = _("Export it as CoNLL 2003 (a token and its tag a line), or as JSONL with spans.")
_TO_JSON = _("Convert it to JSON or JSONL.")


@dataclass(frozen=True)
class _Kind:
    name: str
    start: re.Pattern[str]  # of the text behind white space
    advice: str


def _prefix(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


KINDS = (
    _Kind("HTML", _prefix(r"<!doctype html|<html|<(head|body|table|div|p|ul)[\s>]"), _AS_ROWS),
    _Kind("SVG", _prefix(r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg[\s>]"), _AS_ROWS),
    _Kind("XML", _prefix(r"<\?xml|<!doctype|<[a-z][\w:.-]*(\s+[\w:.-]+=\"[^\"]*\")*\s*/?>\s*<"), _AS_ROWS),
    _Kind("LaTeX", _prefix(r"(%[^\n]*\n\s*)*\\(documentclass|begin|usepackage)"), _AS_ROWS),
    _Kind("RIS", _prefix(r"TY  ?- ?\w"), _REFERENCES),
    _Kind("PubMed (nbib)", _prefix(r"PMID- ?\d"), _REFERENCES),
    _Kind("EndNote", _prefix(r"%0 \w"), _REFERENCES),
    _Kind("Web of Science", _prefix(r"FN (Clarivate|Thomson|ISI)"), _REFERENCES),
    _Kind("BibTeX", _prefix(r"(%[^\n]*\n\s*)*@\w+\s*[{(]\s*[^\s,{}()]*\s*,"), _REFERENCES),
    _Kind("WebAnno TSV", _prefix(r"#FORMAT=WebAnno"), _AS_CONLL),
    _Kind("brat", _prefix(r"([TERANM#*]\d*\t\S+( \d+ \d+(;\d+ \d+)*)?\t[^\n]*\n?){2}|T\d+\t\S+ \d+ \d+\t"), _AS_CONLL),
    _Kind("CoNLL-U", _prefix(r"(# [^\n]*\n)*\d+(-\d+)?\t([^\t\n]*\t){8}[^\t\n]*\n"), _AS_CONLL),
    _Kind("YAML", _prefix(r"(%YAML[^\n]*\n)?---[^\n-]*\n|- [\w\"' -]+:( [^\n]*)?\n( {2,}|- )[\w\"' -]+:"), _TO_JSON),
    _Kind("ARFF", _prefix(r"(%[^\n]*\n\s*)*@relation\s"), _AS_ROWS),
    _Kind("SQL", _prefix(r"(--[^\n]*\n\s*)*(create table|insert into|pragma|drop table)\b"), _AS_ROWS),
    _Kind("fastText", _prefix(r"__label__\S+\s"), _AS_ROWS),
    _Kind("WebVTT", _prefix(r"WEBVTT\b"), _AS_ROWS),
    _Kind("SubRip (srt)", _prefix(r"\d+\n\d\d:\d\d:\d\d,\d+ -->"), _AS_ROWS),
    _Kind("mbox", _prefix(r"From \S+@\S+ \w{3} \w{3} "), _AS_ROWS),
    _Kind("vCard or iCalendar", _prefix(r"BEGIN:V(CARD|CALENDAR)"), _AS_ROWS),
    _Kind("PO", _prefix(r"((#[^\n]*)?\n)*msgid \""), _AS_ROWS),
)  # fmt: skip


def refuse_foreign_text(text: str) -> None:
    """Raise ImportRefused where the beginning of a text shows a format that is not read."""
    head = text[:SNIFFED_CHARACTERS].replace("\r\n", "\n").lstrip("\ufeff \t\n")
    for kind in KINDS:
        if kind.start.match(head):
            raise _not_read_error(kind.name, kind.advice)


def _not_read_error(name: str, advice: str) -> ImportRefused:
    return ImportRefused(_("This is %(kind)s, which is not read. %(advice)s", kind=name, advice=advice))


OFFSET_NAMES = {"start", "start_offset"}  # of the parts of an answer, which are no rows
LABEL_STUDIO = ({"data", "annotations"}, {"data", "predictions"}, {"data", "completions"})


def refuse_foreign_object(first: Mapping[str, Any], *, is_alone: bool) -> None:
    """Raise ImportRefused for objects of another tool: given the first of a file, and whether it is the only one."""
    keys = first.keys()
    if any(wanted <= keys for wanted in LABEL_STUDIO) and isinstance(first["data"], dict):
        raise _not_read_error("Label Studio JSON", _("Export it as JSON-MIN or CSV."))
    if {"images", "annotations"} <= keys and is_alone:
        raise _not_read_error("COCO", _("Upload it in a ZIP archive together with its images."))
    if "cells" in keys and "nbformat" in keys:
        raise _not_read_error("Jupyter", _AS_ROWS)
    if is_alone and (inner := _inner_table(first)) is not None:
        advice = _("Save the rows in “%(name)s” as a JSON array of objects, or as JSONL.", name=inner)
        raise _not_read_error(_("one JSON object"), advice)


def _inner_table(first: Mapping[str, Any]) -> str | None:
    """Return the key of an object under which there are several rows; None where it is a row itself."""
    holds_objects_only = all(isinstance(value, dict) for value in first.values())
    for key, value in first.items():
        rows = value if isinstance(value, list) else []
        if rows and all(isinstance(row, dict) and OFFSET_NAMES.isdisjoint(row) for row in rows):
            return key
        is_large = isinstance(value, dict) and len(value) > 1 and not isinstance(first.get("text"), str)
        if holds_objects_only or is_large:
            return key
    return None
