"""Texts to measure with: a CSV file with the columns text and label, repeated with variation until there are enough."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np

from benchmarks.stand import ROOT

CANDIDATES = (
    ROOT.parent / "shared" / "data" / "ag_news" / "train_subset.csv.gz",
    ROOT / "annotation" / "demo" / "sms_spam.csv.gz",
)


def find(path: Path | None) -> Path:
    """Return the file asked for, else the largest at hand."""
    return path or next(candidate for candidate in CANDIDATES if candidate.exists())


def rows(path: Path, count: int) -> list[tuple[str, str]]:
    """Return (text, label) pairs, all texts different."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        given = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    turns = range(-(-count // len(given)))
    return [(f"{text} ({turn})" if turn else text, label) for turn in turns for text, label in given][:count]


def distinct(path: Path, column: str = "label") -> tuple[list[str], np.ndarray]:
    """Return texts and their labels, which are in that column, without exact duplicates."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        by_text = {row["text"]: row[column] for row in reversed(list(csv.DictReader(file)))}
    return list(by_text), np.array(list(by_text.values()))


def as_csv(pairs: list[tuple[str, str]]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["text", "label"])
    writer.writerows(pairs)
    return table.getvalue().encode()
