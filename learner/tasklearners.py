"""How each task type is learnt: one line each in LEARNERS. Pure.

A learner reads the features of an item or, where `reads` is "contents", what the item holds: an object array of what
`material` takes from each content. Feature sets are made of the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from annotation.pictures import copy_of
from annotation.tasktypes import FIELDS
from annotation.words import Words as _
from learner.measures.figures import Judge, judge_labels, judge_parts

Material = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Measure:
    """A figure of the dashboard: its key in the judge's document, and its name."""

    key: str
    title: str


@dataclass(frozen=True)
class TaskLearner:
    """What learns from the answers of a task type, and how it is judged."""

    estimators: tuple[str, ...]  # keys of ESTIMATORS, the default first
    judge: Judge
    measures: tuple[Measure, ...]  # the first is what a target is set for
    material: Material
    reads: Literal["features", "contents"] = "features"
    strategies: tuple[str, ...] | None = None  # None: all of STRATEGIES
    features: tuple[str, ...] = ("auto",)  # choices of the setting, the default first
    automatic: str = "text"  # the feature set that "auto" stands for
    files: bool = False  # the material is the name of a file in the media storage


def text(content: Mapping[str, Any]) -> str:
    """Return the text of an item."""
    return str(content.get("text", ""))


def fields(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the cells of a record by column."""
    found = content.get(FIELDS)
    return found if isinstance(found, Mapping) else {}


def thumbnail(content: Mapping[str, Any]) -> str:
    """Return the file of an item's picture that features are made of."""
    return copy_of(str(content.get("image", "")), "thumb")


# what goes by one number for how sure the learner is of an item, not by the classes it wavers between
OF_ONE_NUMBER = (
    *("boltzmann_kmeans", "boltzmann", "power", "softrank", "margin", "weighted_kmeans", "cluster_margin"),
    *("density_weighted", "core_set", "discriminative", "spread", "typiclust", "prob_cover", "mixture", "random"),
)
TEXT_FEATURES = ("auto", "static", "lsa", "ngrams", "tfidf", "encoder")
OF_SPANS = (
    Measure("f1", _("Entity F1")),
    Measure("macro_f1", _("Macro F1")),
    Measure("accuracy", _("Whole answer right")),
)
CLASSIFIERS = ("auto", "logistic", "svm", "sgd", "bayes", "committee", "forest", "boosting")
OF_LABELS = (Measure("accuracy", _("Accuracy")), Measure("macro_f1", _("Macro F1")))
OF_PARTS = (
    Measure("f1", _("F1 of all labels together")),
    Measure("macro_f1", _("Macro F1")),
    Measure("accuracy", _("Whole answer right")),
)

LEARNERS: dict[str, TaskLearner] = {
    "text_classification": TaskLearner(CLASSIFIERS, judge_labels, OF_LABELS, text, features=TEXT_FEATURES),
    "text_multilabel": TaskLearner(
        ("relevance", "relevance_least"), judge_parts, OF_PARTS, text, strategies=OF_ONE_NUMBER, features=TEXT_FEATURES
    ),
    "records": TaskLearner(CLASSIFIERS, judge_labels, OF_LABELS, fields, automatic="records"),
    "image_classification": TaskLearner(
        CLASSIFIERS, judge_labels, OF_LABELS, thumbnail, automatic="images", files=True
    ),
    "spans": TaskLearner(
        *(("crf", "crf_total"), judge_parts, OF_SPANS, text, "contents"),
        strategies=OF_ONE_NUMBER,
        features=TEXT_FEATURES,
    ),
}
