"""What learns answers of each kind, and by which metrics: what follows from the answer kind alone. Pure.

Names only, so that settings and pages can have them without the libraries of numbers; `answer_evaluations` has the
functions that compute the metrics.
"""

from dataclasses import dataclass
from typing import Literal

from annotation.lazy_text import LazyText as _
from learner.engine.choice_descriptions import STRATEGY_DESCRIPTIONS
from learner.engine.strategy_requirements import NEEDS_CLASSES

MAX_STOP_SET_ITEMS = 2000  # more change the kappa little
MAX_STOP_SET_IMAGES = 100  # where a model has to look at each of them for long


@dataclass(frozen=True)
class Metric:
    """A metric of the dashboard: its key in what `evaluate` returns, and its name."""

    key: str
    title: str
    lower_is_better: bool = False  # an error in points of the scale of the answers; else a share, of which 1 is best
    # rests on all detections, also those too uncertain to suggest: only rounds keep them
    needs_detections: bool = False


@dataclass(frozen=True)
class AnswerProfile:
    """What learns answers of one kind, and what is told of it."""

    estimators: tuple[str, ...]  # keys of ESTIMATORS, the default first
    strategies: tuple[str, ...]  # keys of STRATEGIES, the default first
    metrics: tuple[Metric, ...]  # the first is the one that a lead can set a target accuracy for
    estimator_reads: Literal["features", "contents"] = "features"  # contents: an object array of the items' contents
    cross_validates: bool = True  # whether a round also predicts its labels out of fold, by five more models
    # whether it is known from which agreement on the models of successive rounds have settled
    has_agreement_threshold: bool = True
    stop_set_size: int = MAX_STOP_SET_ITEMS  # items

    @property
    def needs_detections(self) -> bool:
        """Whether some metric rests on all detections, which take long to evaluate."""
        return any(metric.needs_detections for metric in self.metrics)

    @property
    def replay_metrics(self) -> dict[str, str]:
        """The metrics that a simulation computes and of which 1 is best: {key: title}."""
        replayed = (metric for metric in self.metrics if not metric.lower_is_better and not metric.needs_detections)
        return {metric.key: metric.title for metric in replayed}


CLASSIFIERS = ("auto", "logistic", "svm", "sgd", "bayes", "committee", "forest", "boosting")
# estimators over the network that the operators named; too slow to be replayed
NETWORK_ESTIMATOR_NAMES = ("neural_detector",)

# in the order in which a lead sees them; all but the one that asks about users
CLASSIFICATION_STRATEGIES = tuple(name for name in STRATEGY_DESCRIPTIONS if name != "new_users")
# all that do without class probabilities: one number for how uncertain a model is of an item, or no model at all
UNCERTAINTY_STRATEGIES = tuple(name for name in CLASSIFICATION_STRATEGIES if name not in NEEDS_CLASSES)
# measured (docs/decisions/0014): ratings of random items teach more than what the model is unsure of
RATING_STRATEGIES = ("random", "new_users", *(name for name in UNCERTAINTY_STRATEGIES if name != "random"))
# measured (docs/decisions/0019): the draw alone is never surely worse than chance, and at times surely better
REGRESSION_STRATEGIES = ("boltzmann", *(name for name in UNCERTAINTY_STRATEGIES if name != "boltzmann"))

ACCURACY, MACRO_F1 = Metric("accuracy", _("Accuracy")), Metric("macro_f1", _("Macro F1"))
WHOLE_ANSWER = Metric("accuracy", _("Whole answer right"))
ERRORS = (
    Metric("explained", _("Differences explained")),
    Metric("rmse", _("Root mean square error"), lower_is_better=True),
    Metric("mae", _("Mean error"), lower_is_better=True),
    Metric("naive", _("Mean error of always the mean"), lower_is_better=True),
)

ONE_LABEL = AnswerProfile(
    CLASSIFIERS,
    CLASSIFICATION_STRATEGIES,
    (ACCURACY, MACRO_F1),
)
SEVERAL_LABELS = AnswerProfile(
    ("relevance", "relevance_least"),
    UNCERTAINTY_STRATEGIES,
    (Metric("f1", _("F1 of all labels together")), MACRO_F1, WHOLE_ANSWER),
)
SPANS = AnswerProfile(
    ("crf", "crf_total"),
    UNCERTAINTY_STRATEGIES,
    (Metric("f1", _("Entity F1")), MACRO_F1, WHOLE_ANSWER),
    has_agreement_threshold=False,
    estimator_reads="contents",
)
BOXES = AnswerProfile(
    ("detector", "neural_detector"),
    UNCERTAINTY_STRATEGIES,
    (
        Metric("map50", _("mAP@50"), needs_detections=True),
        Metric("f1", _("Box F1 (half overlap)")),
        MACRO_F1,
        Metric("accuracy", _("Whole image right")),
    ),
    has_agreement_threshold=False,
    estimator_reads="contents",
    cross_validates=False,
    stop_set_size=MAX_STOP_SET_IMAGES,
)
NUMBER = AnswerProfile(
    ("numbers", "ridge", "number_trees"),
    REGRESSION_STRATEGIES,
    (*ERRORS, Metric("accuracy", _("Near enough"))),
)
RATING = AnswerProfile(
    ("factors",),
    RATING_STRATEGIES,
    ERRORS,
    estimator_reads="contents",
)
