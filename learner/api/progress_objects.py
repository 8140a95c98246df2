"""What the learner's API returns: the dashboard's numbers and the log of rounds."""

from datetime import datetime
from typing import Annotated, Any

from annotation.api.response_objects import ABSENT, Absent, Doc, response_object
from learner.api.reliability_objects import EstimateOut, TrustOut

OF_MAP = "Mean average precision of boxes at half overlap; not there for models of before it was kept."


@response_object
class CountsOut:
    items: int
    labelled: int
    unlabelled: int
    test_items: Annotated[int, Doc("Items of the frozen test sample.")]
    test_answered: Annotated[int, Doc("Of these, settled by people's answers.")]
    training_labels: int
    random_arm_labels: int
    answers: Annotated[int, Doc("Live answers: labels, skips and flags.")]
    skipped: int
    flagged: int


@response_object
class TestOut:
    answered: int
    needed: int
    possible: Annotated[int | None, Doc("How many there can be with the items of now; null when there are enough.")]
    reason: Annotated[str, Doc("Why no accuracy is shown; empty when it is.")]


@response_object
class MeasureOut:
    name: Annotated[
        str,
        Doc(
            "The figure's name in the points of the curves and in `current`.",
            deprecated_name="key",
            deprecated_values={"r2": "explained", "baseline_mae": "naive"},
        ),
    ]
    title: str
    lower_is_better: Annotated[
        bool, Doc("Of the scale of the answers, the fewer the better; else a share.", deprecated_name="in_points")
    ]


@response_object
class FiguresOut:
    """The figures of a model: those that `measures` lists for the task type."""

    accuracy: Annotated[EstimateOut | Absent, Doc("Items whose whole answer is right.")] = ABSENT
    macro_f1: EstimateOut | Absent = ABSENT
    f1: Annotated[EstimateOut | Absent, Doc("Over all parts, where an answer has several.")] = ABSENT
    map50: Annotated[EstimateOut | Absent, Doc(OF_MAP)] = ABSENT
    r2: Annotated[EstimateOut | Absent, Doc("Of numbers.", deprecated_name="explained")] = ABSENT
    rmse: Annotated[EstimateOut | Absent, Doc("Of numbers: root mean square error.")] = ABSENT
    mae: Annotated[EstimateOut | Absent, Doc("Of numbers: mean absolute error.")] = ABSENT
    baseline_mae: Annotated[
        EstimateOut | Absent, Doc("Of numbers: that of always the mean.", deprecated_name="naive")
    ] = ABSENT


@response_object
class PointOut(FiguresOut):
    round: int
    labels: Annotated[int, Doc("Labels the model was trained on.")]
    estimator: Annotated[str, Doc("What it was fitted by: a value of the setting of that name.")]


@response_object
class PerClassOut:
    label: str
    precision: EstimateOut | None
    recall: EstimateOut | None
    f1: float
    f1_estimate: Annotated[EstimateOut | None, Doc("Of `count` that are or were taken for it.")]
    support: int
    average_precision: Annotated[EstimateOut | Absent | None, Doc("Of boxes, at half overlap.")] = ABSENT


@response_object
class ConfusionOut:
    labels: list[str]
    counts: Annotated[list[list[int]], Doc("Rows: people. Columns: the model.")]


@response_object
class CurrentOut(FiguresOut):
    round: int
    labels: int
    finished_at: datetime
    per_class: list[PerClassOut]
    confusion: Annotated[ConfusionOut | None, Doc("Null where an answer may have several labels.")]


@response_object
class ThresholdPointOut:
    threshold: Annotated[float, Doc("Probability from which on the answer is yes.")]
    precision: EstimateOut
    recall: EstimateOut
    f1: float


@response_object
class ThresholdReportOut:
    round: int
    label: Annotated[str, Doc("The rarer class: what is looked for.")]
    count: Annotated[int, Doc("Test answers.", deprecated_name="n")]
    positives: Annotated[int, Doc("Of these, with that label.")]
    prevalence: Annotated[float, Doc("The average precision of guessing.", deprecated_name="share")]
    average_precision: EstimateOut | None
    points: Annotated[list[ThresholdPointOut], Doc("By descending threshold.", deprecated_name="steps")]
    best: Annotated[ThresholdPointOut | None, Doc("Of all thresholds, the one with the highest F1.")]
    default: Annotated[
        ThresholdPointOut | None, Doc("What the model says as it is, from 0.5 on.", deprecated_name="now")
    ]
    reason: Annotated[str, Doc("Why nothing is shown; empty when it is.")]


@response_object
class LabelCountOut:
    label: str
    count: Annotated[int, Doc(deprecated_name="n")]


@response_object
class LabelTotalOut(LabelCountOut):
    color: Annotated[str, Doc("A token such as label-3, or #a1b2c3; empty for a label that the project has no more.")]


@response_object
class PersonLabelsOut:
    user: str
    machine: Annotated[bool, Doc("Whether these are imported labels.")]
    total: int
    labels: list[LabelCountOut]


@response_object
class LabelsOut:
    overall: list[LabelTotalOut]
    by_person: list[PersonLabelsOut]


@response_object
class PersonPaceOut:
    user: str
    last_hour: int
    counts: Annotated[list[int], Doc("Labels in each of the clock hours of `hours`.")]
    median_seconds: float | None


@response_object
class ThroughputOut:
    hour: Annotated[int, Doc("Labels that people gave in the last 60 minutes.")]
    day: int
    hours: list[datetime]
    by_person: list[PersonPaceOut]


@response_object
class RunningOut:
    number: int
    started_at: datetime


@response_object
class QueueOut:
    order: Annotated[str, Doc(choices=("model", "spread", "random", "none"))]
    text: str
    round: Annotated[int | None, Doc("The round that ranked the queue.")]
    ranked_at: datetime | None
    ready: int
    ready_by_reason: dict[str, int]
    leased: Annotated[int, Doc(deprecated_name="in_hand")]
    answers_since: int
    batch_size: int
    running: RunningOut | None
    requested_at: Annotated[datetime | None, Doc(deprecated_name="asked_at")]
    failures: Annotated[int, Doc("Rounds failed in a row.")]
    retry_at: datetime | None


@response_object
class RoundOut:
    number: int
    status: str
    cause: Annotated[str, Doc(deprecated_name="trigger", deprecated_values={"manual": "asked"})]
    answers: int
    labels: int
    control_labels: int
    started_at: datetime
    finished_at: datetime | None
    duration_seconds: Annotated[float | None, Doc(deprecated_name="seconds")]
    timings: Annotated[dict[str, float], Doc("Seconds by step.")]
    metrics: Any
    settings: Any
    seed: str
    published: int
    note: str
    columns: Annotated[str, Doc("Which columns the model read, where those of an encoder stand beside the usual ones.")]
    error: str


@response_object
class TableColumnOut:
    name: str
    kind: Annotated[str, Doc(choices=("number", "code", "date", "several", "category", "words", "left_out"))]
    title: Annotated[str, Doc("The kind in the reader's language.")]
    reason: Annotated[str, Doc("Why it is left out; empty where it is not.")]


@response_object
class WorkerOut:
    alive: bool
    seen_at: datetime | None


@response_object
class AgreementOut:
    observed_agreement: Annotated[EstimateOut | None, Doc(deprecated_name="share")]
    items: Annotated[int, Doc("Answered by several people, of the newest.")]
    disagreeing: Annotated[int, Doc("Of these, those without an answer that most gave: they train no model.")]
    extra: Annotated[int, Doc("Items with more answers than were asked for, or with late ones.")]
    overlap: Annotated[int, Doc("How many people each item is asked of.")]
    reason: str


@response_object
class ConditionOut:
    name: str
    title: str
    category: Annotated[
        str,
        Doc(
            deprecated_name="kind",
            deprecated_values={"budget": "limit", "convergence": "sign", "recall": "search"},
            choices=("budget", "convergence", "recall"),
        ),
    ]
    stop: Annotated[bool | None, Doc("null: it cannot tell, or is not set.")]
    reason: str
    count: Annotated[int, Doc("Labels, models, test answers or items that it rests on.", deprecated_name="n")]
    value: Annotated[float | None, Doc("What is held against the threshold.")]
    threshold: float | None
    progress: Annotated[float | None, Doc("Of the way to the threshold, from 0 to 1.", deprecated_name="share")]
    details: Annotated[dict[str, float], Doc(deprecated_name="numbers")]
    applies: Annotated[bool, Doc("False: it never tells anything of answers of this kind.")]


@response_object
class ForecastOut:
    labels: float
    value: Annotated[float, Doc("Accuracy that a power law through the curve leads to expect.")]
    low: float
    high: float


@response_object
class StopOut:
    advice: Annotated[str | None, Doc("stop, go on, or null: no advice yet.")]
    reason: str
    on_limit: Annotated[
        str, Doc("What happens when a limit is reached.", deprecated_name="when", choices=("advise", "pause"))
    ]
    paused_at: datetime | None
    paused_reason: str
    conditions: list[ConditionOut]
    forecast: list[ForecastOut] | None


@response_object
class ProjectBriefOut:
    id: int
    name: str
    task_type: str
    goal: Annotated[str, Doc(choices=("train_model", "find_all"))]


@response_object
class FindsPointOut:
    read: int
    found: int


@response_object
class NextReadsOut:
    records: Annotated[int, Doc("How many of the unread records, those that come next.")]
    finds: Annotated[float | None, Doc("How many of them are probably relevant.")]


@response_object
class ReasonCountOut:
    reason: str
    count: int


@response_object
class EarlierFigureOut:
    name: str
    title: str
    estimate: EstimateOut


@response_object
class EarlierMetricsOut:
    measured_at: datetime
    round: int
    test_answers: int
    figures: list[EarlierFigureOut]


@response_object
class FindingOut:
    """How much of the label to find has been found; an item that nobody has answered is unread."""

    label: Annotated[str, Doc("The label to find.")]
    records: int
    read: int
    unread: int
    found: int
    recall: Annotated[
        float | None, Doc("The most probable share of the relevant records that has been found; once finds are rarer.")
    ]
    recall_lower_bound: Annotated[float | None, Doc("At least so much has been found, with `confidence`.")]
    confidence: float
    target_recall: float
    work_saved: Annotated[float | None, Doc("Share of all records that is unread, less what is missed (WSS).")]
    expected_relevant_unread: float | None
    next: NextReadsOut
    curve: Annotated[list[FindsPointOut], Doc("Finds by records read, from the first answer on.")]
    assumption: Annotated[str, Doc("What the lower bound rests on.")]
    exclusion_reasons: list[ReasonCountOut]
    earlier: Annotated[EarlierMetricsOut | None, Doc("What the test sample said before the goal was changed.")]


@response_object
class ProgressOut:
    project: ProjectBriefOut
    generated_at: datetime
    counts: CountsOut
    measures: Annotated[list[MeasureOut], Doc("The figures of this task type, the one that targets are set for first.")]
    test: TestOut
    curve: list[PointOut] | None
    curve_reason: str
    control_curve: list[PointOut] | None
    control_curve_reason: str
    estimators: Annotated[dict[str, str], Doc("Titles of the estimators that points of the curves name.")]
    current: CurrentOut | None
    threshold_report: Annotated[
        ThresholdReportOut | None, Doc("Null where there are not two classes.", deprecated_name="decision")
    ]
    labels: LabelsOut
    throughput: ThroughputOut
    queue: QueueOut
    rounds: list[RoundOut]
    columns: Annotated[list[TableColumnOut], Doc("What each column of a table became; empty for other items.")]
    worker: WorkerOut
    agreement: AgreementOut
    stop: StopOut
    trust: TrustOut
    finding: Annotated[FindingOut | None, Doc("Null unless the project finds all items of a label.")]
