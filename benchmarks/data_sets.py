"""The public data sets that strategies are compared on, as the pools and held-out items of a simulation.

They lie in a folder that the benchmarks are given; some may not be passed on, so none of these comes with Margin.
"""

import csv
import gzip
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotation.formats import image_reading
from annotation.tasktypes import TASK_TYPES, AnswerContext
from benchmarks import boxes, pool, records
from learner.engine.features import FEATURE_SETS, transform_in_chunks
from learner.engine.simulation.experiments import SimulationData, object_array
from learner.engine.simulation.labelled_files import read_labelled, targets_of_cells
from learner.engine.simulation.simulated_labelling import LabelledData
from learner.engine.task_profiles import TASK_PROFILES

SHUFFLE = 1234  # seed of the rows' order, before they are parted
MAX_POOL_ITEMS, MAX_HELD_OUT_ITEMS = 5000, 2000


@dataclass(frozen=True)
class LabelledItems:
    """What learners read of items (a text, a record, the path of an image), and the items' answers as targets."""

    materials: Sequence[Any]
    targets: Sequence[str]

    def subset(self, rows: Sequence[int]) -> "LabelledItems":
        return LabelledItems([self.materials[row] for row in rows], [self.targets[row] for row in rows])


# Reads the file of a set; images are unpacked into the folder.
Reader = Callable[[Path, Path], LabelledItems]


@dataclass(frozen=True)
class DataSet:
    """A set and how much of it is labelled in a comparison."""

    title: str
    path: str  # below the folder of data
    task: str  # a key of TASK_TYPES
    read: Reader
    budget: int = 200  # training labels
    batch: int = 20
    seeds: int = 10

    def is_in(self, data: Path) -> bool:
        return (data / self.path).exists()

    def load(self, data: Path, scratch: Path) -> SimulationData:
        """Return a pool and held-out items, parted at random, the same each time; features are fitted on the pool."""
        items = self.read(data / self.path, scratch)
        order = np.random.default_rng(SHUFFLE).permutation(len(items.targets))
        held_out = min(MAX_HELD_OUT_ITEMS, len(order) // 3)
        pool_items = items.subset(order[held_out : held_out + MAX_POOL_ITEMS].tolist())
        profile = TASK_PROFILES[self.task]
        fitted = FEATURE_SETS[profile.content.automatic].fit(pool_items.materials, 0)

        def labelled_data(part: LabelledItems) -> LabelledData:
            reads_contents = profile.answers.estimator_reads == "contents"
            return LabelledData(
                transform_in_chunks(fitted, part.materials),
                object_array(part.targets),
                object_array(part.materials) if reads_contents else None,
            )

        return SimulationData(
            labelled_data(pool_items), labelled_data(items.subset(order[:held_out].tolist())), self.task
        )


def text_file(label: str = "label", task: str = "text_classification") -> Reader:
    """Texts of the column `text`, each once, with the answers of a column."""

    def read(path: Path, _scratch: Path) -> LabelledItems:
        texts, cells = read_labelled(path, "text", label)
        return LabelledItems(texts, targets_of_cells(task, texts, cells))

    return read


def review(path: Path, _scratch: Path) -> LabelledItems:
    """Return the records of a systematic review: title and abstract are one text, and few are included."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return LabelledItems([f"{row['title']} {row['abstract']}" for row in rows], [row["included"] for row in rows])


def bank_calls(path: Path, _scratch: Path) -> LabelledItems:
    # how long a call took is known only after it
    rows, labels = records.read(path, "y", ["duration"])
    return LabelledItems(rows, labels.tolist())


def flowers(path: Path, scratch: Path) -> LabelledItems:
    files, labels = pool.thumbnails(path, scratch)
    return LabelledItems(files, labels.tolist())


def blood_cells(path: Path, scratch: Path) -> LabelledItems:
    """Return the images of all parts with their boxes."""
    files, targets, answers = [], [], TASK_TYPES["boxes"].answer
    with zipfile.ZipFile(path) as archive:
        images = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        for name in images:
            raw = archive.read(name)
            copy = scratch / Path(name).name
            copy.write_bytes(raw)
            size = image_reading.decode_image(raw, pool.MOST_PIXELS)
            drawn = boxes.boxes_of_voc(archive.read(name.replace("JPEGImages", "Annotations").replace(".jpg", ".xml")))
            context = AnswerContext(sorted({label for label, _ in drawn}), {"width": size.width, "height": size.height})
            value = {"boxes": [dict(zip("xywh", box, strict=True), label=label) for label, box in drawn]}
            files.append(str(copy))
            targets.append(answers.target(answers.clean(value, context)))
    return LabelledItems(files, targets)


DATA_SETS: dict[str, DataSet] = {
    "sms": DataSet("SMS, spam or not", "sms_spam.csv.gz", "text_classification", text_file()),
    "news": DataSet("News, 4 topics", "ag_news/train_subset.csv.gz", "text_classification", text_file()),
    "films": DataSet("Film reviews, 2 sentiments", "sentiment_mr.csv.gz", "text_classification", text_file()),
    "phrases": DataSet("Phrases, 2 sentiments", "sst2/train.csv.gz", "text_classification", text_file()),
    "questions": DataSet("Questions, 6 kinds", "trec/train.csv.gz", "text_classification", text_file()),
    "meals": DataSet(
        "Chinese reviews of meals, 2 sentiments",
        "waimai_10k.csv.gz",
        "text_classification",
        text_file(),
    ),
    "shopping": DataSet(
        "Chinese reviews, 10 kinds of goods",
        "online_shopping_10_cats.csv.gz",
        "text_classification",
        text_file("category"),
    ),
    "virus": DataSet(
        "Systematic review, virus metagenomics",
        "reviews/virus_metagenomics.csv.gz",
        "text_classification",
        review,
    ),
    "fine_questions": DataSet(
        "Questions, 50 kinds",
        "trec/train.csv.gz",
        "text_classification",
        text_file("fine_label"),
        budget=400,
    ),
    "intents": DataSet(
        "Intents, 75 kinds",
        "clinc_75/train.csv.gz",
        "text_classification",
        text_file(),
        budget=400,
    ),
    "cooking": DataSet(
        "Cooking, several labels",
        "cooking_multilabel/train.jsonl.gz",
        "text_multilabel",
        text_file("labels", task="text_multilabel"),
    ),
    "names": DataSet(
        "Names in posts",
        "wnut17/train.conll.gz",
        "spans",
        text_file("spans", task="spans"),
        seeds=3,
    ),
    "calls": DataSet("Calls of a bank, 11 % yes", "bank_marketing.csv.gz", "records", bank_calls),
    "flowers": DataSet("Flowers, 5 kinds", "flowers_800.zip", "image_classification", flowers),
    "cells": DataSet("Blood cells, boxes", "bccd_voc.zip", "boxes", blood_cells, budget=60, batch=10, seeds=3),
}
