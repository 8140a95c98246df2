"""How answers of each kind are learnt, judged and compared: what follows from the answer kind alone. Pure."""

from dataclasses import dataclass
from typing import Literal

from annotation.lazy_text import LazyText as _
from learner.engine.catalogue import STRATEGIES
from learner.engine.contracts.agreement import Agreement
from learner.engine.evaluation.confidence import ConfidenceFunction, box_confidences
from learner.engine.evaluation.task_metrics import (
    AddDetectionMetrics,
    Judge,
    Plain,
    evaluate_boxes,
    evaluate_components,
    evaluate_labels,
    evaluate_numbers,
    evaluate_ratings,
    point_box_metrics,
    point_component_metrics,
    point_label_metrics,
    point_number_metrics,
    point_rating_metrics,
    with_average_precision,
)
from learner.engine.stopping import model_agreement
from learner.engine.stopping.stop_set import MAX_IMAGES, MAX_ROWS


@dataclass(frozen=True)
class Measure:
    """A figure of the dashboard: its key in the judge's document, and its name."""

    key: str
    title: str
    in_points: bool = False  # of the scale of the answers, the fewer the better; else a share, of which 1 is best
    needs_detections: bool = False  # rests on what a model found and would not say, which only rounds keep


@dataclass(frozen=True)
class AnswerProfile:
    """What learns answers of one kind, and how it is judged."""

    estimators: tuple[str, ...]  # keys of ESTIMATORS, the default first
    strategies: tuple[str, ...]  # keys of STRATEGIES, the default first
    measures: tuple[Measure, ...]  # the first is what a target is set for
    judge: Judge
    plain: Plain  # as `judge`, without intervals
    agreement: Agreement  # of two models about the stop set
    reads: Literal["features", "contents"] = "features"  # contents: an object array of what the material is
    folds: bool = True  # whether a round also tells how well its labels are foretold out of fold: five more models
    # adds figures that rest on all detections, those too uncertain to suggest included
    add_detection_metrics: AddDetectionMetrics | None = None
    # confidence in each predicted component; None: a model is confident of an answer as a whole
    confidences: ConfidenceFunction | None = None
    stop_set: int = MAX_ROWS  # items of it

    @property
    def shares(self) -> dict[str, str]:
        """The measures that a replay tells and of which 1 is best: {key: title}."""
        told = (measure for measure in self.measures if not measure.in_points and not measure.needs_detections)
        return {measure.key: measure.title for measure in told}


CLASSIFIERS = ("auto", "logistic", "svm", "sgd", "bayes", "committee", "forest", "boosting")
OVER_NETWORKS = ("neural_detector",)  # estimators over the network that the operators named; too slow to be replayed

# all but those that ask about users
CLASSIFICATION_STRATEGIES = tuple(name for name in STRATEGIES if name != "new_users")
# what goes by one number for how sure the learner is of an item, not by the classes it wavers between
UNCERTAINTY_STRATEGIES = (
    *("boltzmann_kmeans", "boltzmann", "power", "softrank", "margin", "weighted_kmeans", "cluster_margin"),
    *("density_weighted", "core_set", "discriminative", "spread", "typiclust", "prob_cover", "mixture", "random"),
)
# measured (docs/decisions/0014): what people rate by lot teaches more than what the model is unsure of
RATING_STRATEGIES = ("random", "new_users", *(name for name in UNCERTAINTY_STRATEGIES if name != "random"))
# measured (docs/decisions/0019): the draw alone is never surely worse than chance, and at times surely better
REGRESSION_STRATEGIES = ("boltzmann", *(name for name in UNCERTAINTY_STRATEGIES if name != "boltzmann"))

ACCURACY, MACRO_F1 = Measure("accuracy", _("Accuracy")), Measure("macro_f1", _("Macro F1"))
WHOLE_ANSWER = Measure("accuracy", _("Whole answer right"))
ERRORS = (
    Measure("explained", _("Differences explained")),
    Measure("rmse", _("Root mean square error"), in_points=True),
    Measure("mae", _("Mean error"), in_points=True),
    Measure("naive", _("Mean error of always the mean"), in_points=True),
)

ONE_LABEL = AnswerProfile(
    CLASSIFIERS,
    CLASSIFICATION_STRATEGIES,
    (ACCURACY, MACRO_F1),
    evaluate_labels,
    point_label_metrics,
    model_agreement.OF_LABELS,
)
SEVERAL_LABELS = AnswerProfile(
    ("relevance", "relevance_least"),
    UNCERTAINTY_STRATEGIES,
    (Measure("f1", _("F1 of all labels together")), MACRO_F1, WHOLE_ANSWER),
    evaluate_components,
    point_component_metrics,
    model_agreement.OF_SEVERAL_LABELS,
)
SPANS = AnswerProfile(
    ("crf", "crf_total"),
    UNCERTAINTY_STRATEGIES,
    (Measure("f1", _("Entity F1")), MACRO_F1, WHOLE_ANSWER),
    evaluate_components,
    point_component_metrics,
    model_agreement.OF_SPANS,
    reads="contents",
)
BOXES = AnswerProfile(
    ("detector", "neural_detector"),
    UNCERTAINTY_STRATEGIES,
    (
        Measure("map50", _("mAP@50"), needs_detections=True),
        Measure("f1", _("Box F1 (half overlap)")),
        MACRO_F1,
        Measure("accuracy", _("Whole image right")),
    ),
    evaluate_boxes,
    point_box_metrics,
    model_agreement.OF_BOXES,
    reads="contents",
    folds=False,
    add_detection_metrics=with_average_precision,
    confidences=box_confidences,
    stop_set=MAX_IMAGES,
)
NUMBER = AnswerProfile(
    ("numbers", "ridge", "number_trees"),
    REGRESSION_STRATEGIES,
    (*ERRORS, Measure("accuracy", _("Near enough"))),
    evaluate_numbers,
    point_number_metrics,
    model_agreement.OF_NUMBERS,
)
RATING = AnswerProfile(
    ("factors",),
    RATING_STRATEGIES,
    ERRORS,
    evaluate_ratings,
    point_rating_metrics,
    model_agreement.OF_LABELS,
    reads="contents",
)
