"""How each task type is learnt: one line each in TASK_PROFILES. Pure.

A learner reads the features of an item or, where `reads` is "contents", what the item holds: an object array of what
`material` takes from each content. Feature sets are made of the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from annotation.formats.image_reading import copy_of
from annotation.lazy_text import LazyText as _
from annotation.tasktypes import FIELDS
from annotation.tasktypes.preference import LEFT, RIGHT
from annotation.tasktypes.ratings import THING, USER
from learner.engine.catalogue import STRATEGIES
from learner.engine.contracts.agreement import Agreement
from learner.engine.evaluation.confidence import Surety, surety_of_boxes
from learner.engine.evaluation.task_metrics import (
    Judge,
    Plain,
    WithFound,
    judge_boxes,
    judge_labels,
    judge_numbers,
    judge_parts,
    judge_scale,
    plain_boxes,
    plain_labels,
    plain_numbers,
    plain_parts,
    plain_scale,
    with_average_precision,
)
from learner.engine.stopping import model_agreement
from learner.engine.stopping.stop_set import MAX_IMAGES, MAX_ROWS

# all but those that ask about users
OF_CLASSES = tuple(name for name in STRATEGIES if name != "new_users")
Material = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Measure:
    """A figure of the dashboard: its key in the judge's document, and its name."""

    key: str
    title: str
    in_points: bool = False  # of the scale of the answers, the fewer the better; else a share, of which 1 is best
    from_found: bool = False  # rests on what a model found and would not say, which only rounds keep


@dataclass(frozen=True)
class TaskProfile:
    """What learns from the answers of a task type, and how it is judged."""

    estimators: tuple[str, ...]  # keys of ESTIMATORS, the default first
    judge: Judge
    measures: tuple[Measure, ...]  # the first is what a target is set for
    material: Material
    reads: Literal["features", "contents"] = "features"
    strategies: tuple[str, ...] = OF_CLASSES  # the default first
    features: tuple[str, ...] = ("auto",)  # choices of the setting, the default first
    automatic: str = "text"  # the feature set that "auto" stands for
    encoder: str = "encoder"  # the key of ENCODERS that "encoder" stands for
    plain: Plain = plain_labels  # as `judge`, without intervals
    folds: bool = True  # whether a round also tells how well its labels are foretold out of fold: five more models
    with_found: WithFound | None = None  # adds figures that need what a model found and would not say
    surety: Surety | None = None  # of the parts that were said; None: a model is sure of an answer as a whole
    files: bool = False  # the material is the name of a file in the media storage
    agreement: Agreement = model_agreement.OF_LABELS  # of two models about the stop set
    stop_set: int = MAX_ROWS  # items of it

    @property
    def shares(self) -> dict[str, str]:
        """The measures that a replay tells and of which 1 is best: {key: title}."""
        told = (measure for measure in self.measures if not measure.in_points and not measure.from_found)
        return {measure.key: measure.title for measure in told}


def text(content: Mapping[str, Any]) -> str:
    """Return the text of an item."""
    return str(content.get("text", ""))


def fields(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the cells of a record by column."""
    found = content.get(FIELDS)
    return found if isinstance(found, Mapping) else {}


def pair(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return who and what an item is about, and the attributes of both, by column."""
    return {**fields(content), USER: content.get(USER, ""), THING: content.get(THING, "")}


def sides(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the two things that are compared, and what is known of them, by column."""
    return {**fields(content), LEFT: content.get(LEFT, ""), RIGHT: content.get(RIGHT, "")}


def thumbnail(content: Mapping[str, Any]) -> str:
    """Return the file of an item's picture that features are made of."""
    return copy_of(str(content.get("image", "")), "thumb")


def original(content: Mapping[str, Any]) -> str:
    """Return the file of an item's picture as it came: boxes are in its pixels, turned as its EXIF data says."""
    return str(content.get("image", ""))


# what goes by one number for how sure the learner is of an item, not by the classes it wavers between
OF_ONE_NUMBER = (
    *("boltzmann_kmeans", "boltzmann", "power", "softrank", "margin", "weighted_kmeans", "cluster_margin"),
    *("density_weighted", "core_set", "discriminative", "spread", "typiclust", "prob_cover", "mixture", "random"),
)
# measured (docs/decisions/0014): what people rate by lot teaches more than what the model is unsure of
OF_RATINGS = ("random", "new_users", *(name for name in OF_ONE_NUMBER if name != "random"))
# measured (docs/decisions/0019): the draw alone is never surely worse than chance, and at times surely better
OF_RECORD_NUMBERS = ("boltzmann", *(name for name in OF_ONE_NUMBER if name != "boltzmann"))
TEXT_FEATURES = ("auto", "static", "lsa", "ngrams", "tfidf", "encoder")
OF_SPANS = (
    Measure("f1", _("Entity F1")),
    Measure("macro_f1", _("Macro F1")),
    Measure("accuracy", _("Whole answer right")),
)
OF_BOXES = (
    Measure("map50", _("mAP@50"), from_found=True),
    Measure("f1", _("Box F1 (half overlap)")),
    Measure("macro_f1", _("Macro F1")),
    Measure("accuracy", _("Whole image right")),
)
OVER_NETWORKS = ("neural_detector",)  # estimators over the network that the operators named; too slow to be replayed
CLASSIFIERS = ("auto", "logistic", "svm", "sgd", "bayes", "committee", "forest", "boosting")
OF_LABELS = (Measure("accuracy", _("Accuracy")), Measure("macro_f1", _("Macro F1")))
OF_PARTS = (
    Measure("f1", _("F1 of all labels together")),
    Measure("macro_f1", _("Macro F1")),
    Measure("accuracy", _("Whole answer right")),
)

OF_NUMBERS = (
    Measure("explained", _("Differences explained")),
    Measure("rmse", _("Root mean square error"), in_points=True),
    Measure("mae", _("Mean error"), in_points=True),
    Measure("naive", _("Mean error of always the mean"), in_points=True),
)
OF_A_SCALE = (*OF_NUMBERS, Measure("accuracy", _("Near enough")))

TASK_PROFILES: dict[str, TaskProfile] = {
    "text_classification": TaskProfile(CLASSIFIERS, judge_labels, OF_LABELS, text, features=TEXT_FEATURES),
    "text_multilabel": TaskProfile(
        *(("relevance", "relevance_least"), judge_parts, OF_PARTS, text),
        plain=plain_parts,
        strategies=OF_ONE_NUMBER,
        features=TEXT_FEATURES,
        agreement=model_agreement.OF_SEVERAL_LABELS,
    ),
    "records": TaskProfile(CLASSIFIERS, judge_labels, OF_LABELS, fields, automatic="records"),
    "record_numbers": TaskProfile(
        *(("numbers", "ridge", "number_trees"), judge_scale, OF_A_SCALE, fields),
        plain=plain_scale,
        strategies=OF_RECORD_NUMBERS,
        automatic="records",
        agreement=model_agreement.OF_NUMBERS,
    ),
    "image_classification": TaskProfile(
        *(CLASSIFIERS, judge_labels, OF_LABELS, thumbnail),
        features=("auto", "encoder"),
        automatic="images",
        encoder="image_encoder",
        files=True,
    ),
    "spans": TaskProfile(
        *(("crf", "crf_total"), judge_parts, OF_SPANS, text, "contents"),
        plain=plain_parts,
        strategies=OF_ONE_NUMBER,
        features=TEXT_FEATURES,
        agreement=model_agreement.OF_SPANS,
    ),
    "boxes": TaskProfile(
        *(("detector", "neural_detector"), judge_boxes, OF_BOXES, original, "contents"),
        strategies=OF_ONE_NUMBER,
        automatic="images",
        plain=plain_boxes,
        folds=False,
        with_found=with_average_precision,
        surety=surety_of_boxes,
        files=True,
        agreement=model_agreement.OF_BOXES,
        stop_set=MAX_IMAGES,
    ),
    "ratings": TaskProfile(
        *(("factors",), judge_numbers, OF_NUMBERS, pair, "contents"),
        plain=plain_numbers,
        strategies=OF_RATINGS,
        automatic="records",
    ),
    "preference": TaskProfile(CLASSIFIERS, judge_labels, OF_LABELS, sides, automatic="sides"),
}
