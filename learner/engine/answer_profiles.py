"""How answers of each kind are learnt, judged and compared: what follows from the answer kind alone. Pure."""

from dataclasses import dataclass
from typing import Literal

from annotation.lazy_text import Words as _
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


@dataclass(frozen=True)
class Measure:
    """A figure of the dashboard: its key in the judge's document, and its name."""

    key: str
    title: str
    in_points: bool = False  # of the scale of the answers, the fewer the better; else a share, of which 1 is best
    from_found: bool = False  # rests on what a model found and would not say, which only rounds keep


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
    with_found: WithFound | None = None  # adds figures that need what a model found and would not say
    surety: Surety | None = None  # of the components that were said; None: a model is sure of an answer as a whole
    stop_set: int = MAX_ROWS  # items of it

    @property
    def shares(self) -> dict[str, str]:
        """The measures that a replay tells and of which 1 is best: {key: title}."""
        told = (measure for measure in self.measures if not measure.in_points and not measure.from_found)
        return {measure.key: measure.title for measure in told}


CLASSIFIERS = ("auto", "logistic", "svm", "sgd", "bayes", "committee", "forest", "boosting")
OVER_NETWORKS = ("neural_detector",)  # estimators over the network that the operators named; too slow to be replayed

# all but those that ask about users
OF_CLASSES = tuple(name for name in STRATEGIES if name != "new_users")
# what goes by one number for how sure the learner is of an item, not by the classes it wavers between
OF_ONE_NUMBER = (
    *("boltzmann_kmeans", "boltzmann", "power", "softrank", "margin", "weighted_kmeans", "cluster_margin"),
    *("density_weighted", "core_set", "discriminative", "spread", "typiclust", "prob_cover", "mixture", "random"),
)
# measured (docs/decisions/0014): what people rate by lot teaches more than what the model is unsure of
OF_RATINGS = ("random", "new_users", *(name for name in OF_ONE_NUMBER if name != "random"))
# measured (docs/decisions/0019): the draw alone is never surely worse than chance, and at times surely better
OF_RECORD_NUMBERS = ("boltzmann", *(name for name in OF_ONE_NUMBER if name != "boltzmann"))

ACCURACY, MACRO_F1 = Measure("accuracy", _("Accuracy")), Measure("macro_f1", _("Macro F1"))
WHOLE_ANSWER = Measure("accuracy", _("Whole answer right"))
ERRORS = (
    Measure("explained", _("Differences explained")),
    Measure("rmse", _("Root mean square error"), in_points=True),
    Measure("mae", _("Mean error"), in_points=True),
    Measure("naive", _("Mean error of always the mean"), in_points=True),
)

ONE_LABEL = AnswerProfile(
    CLASSIFIERS, OF_CLASSES, (ACCURACY, MACRO_F1), judge_labels, plain_labels, model_agreement.OF_LABELS
)
SEVERAL_LABELS = AnswerProfile(
    ("relevance", "relevance_least"),
    OF_ONE_NUMBER,
    (Measure("f1", _("F1 of all labels together")), MACRO_F1, WHOLE_ANSWER),
    judge_parts,
    plain_parts,
    model_agreement.OF_SEVERAL_LABELS,
)
SPANS = AnswerProfile(
    ("crf", "crf_total"),
    OF_ONE_NUMBER,
    (Measure("f1", _("Entity F1")), MACRO_F1, WHOLE_ANSWER),
    judge_parts,
    plain_parts,
    model_agreement.OF_SPANS,
    reads="contents",
)
BOXES = AnswerProfile(
    ("detector", "neural_detector"),
    OF_ONE_NUMBER,
    (
        Measure("map50", _("mAP@50"), from_found=True),
        Measure("f1", _("Box F1 (half overlap)")),
        MACRO_F1,
        Measure("accuracy", _("Whole image right")),
    ),
    judge_boxes,
    plain_boxes,
    model_agreement.OF_BOXES,
    reads="contents",
    folds=False,
    with_found=with_average_precision,
    surety=surety_of_boxes,
    stop_set=MAX_IMAGES,
)
NUMBER = AnswerProfile(
    ("numbers", "ridge", "number_trees"),
    OF_RECORD_NUMBERS,
    (*ERRORS, Measure("accuracy", _("Near enough"))),
    judge_scale,
    plain_scale,
    model_agreement.OF_NUMBERS,
)
RATING = AnswerProfile(
    ("factors",),
    OF_RATINGS,
    ERRORS,
    judge_numbers,
    plain_numbers,
    model_agreement.OF_LABELS,
    reads="contents",
)
