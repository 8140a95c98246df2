"""What to measure with: texts of a CSV file with the columns text and label, repeated with variation until there are
enough; or images of an archive.
"""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np

from annotation.formats import image_reading
from benchmarks.stand import ROOT

MOST_PIXELS = 64_000_000  # of an image
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


def thumbnails(path: Path, folder: Path) -> tuple[list[str], np.ndarray]:
    """Return the files and the labels of an archive's images, as labels.csv (file, label) names them.

    Features see the copies that an upload would get; these are put into the folder.
    """
    files, labels = [], []
    with zipfile.ZipFile(path) as archive:
        table = archive.read("labels.csv").decode()
        for number, row in enumerate(csv.DictReader(io.StringIO(table))):
            copy = folder / f"{number}.thumb.jpg"
            copy.write_bytes(image_reading.decode_image(archive.read(row["file"]), MOST_PIXELS).copies["thumb"])
            files.append(str(copy))
            labels.append(row["label"])
    return files, np.array(labels)


def as_csv(pairs: list[tuple[str, str]]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["text", "label"])
    writer.writerows(pairs)
    return table.getvalue().encode()
