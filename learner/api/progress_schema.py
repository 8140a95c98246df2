"""The forms of what the learner's API returns; for the OpenAPI document only, the dictionaries are made by hand."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    FloatField,
    IntegerField,
    JSONField,
    ListField,
)

Serializer = serializers.Serializer[Any]
OF_MAP = "Mean average precision of boxes at half overlap; not there for models of before it was kept."


class EstimateOut(Serializer):
    value = FloatField()
    low = FloatField(help_text="Lower end of the 95 % interval.")
    high = FloatField(help_text="Upper end of the 95 % interval.")
    n = IntegerField(help_text="Answers that it rests on.")


class CountsOut(Serializer):
    items = IntegerField()
    labelled = IntegerField()
    unlabelled = IntegerField()
    test_items = IntegerField(help_text="Items of the frozen test sample.")
    test_answered = IntegerField(help_text="Of these, settled by people's answers.")
    training_labels = IntegerField()
    random_arm_labels = IntegerField()
    answers = IntegerField(help_text="Live answers: labels, skips and flags.")
    skipped = IntegerField()
    flagged = IntegerField()


class TestOut(Serializer):
    answered = IntegerField()
    needed = IntegerField()
    reason = CharField(help_text="Why no accuracy is shown; empty when it is.")


class MeasureOut(Serializer):
    key = CharField(help_text="The figure's name in the points of the curves and in `current`.")
    title = CharField()
    in_points = BooleanField(help_text="Of the scale of the answers, the fewer the better; else a share.")


class PointOut(Serializer):
    round = IntegerField()
    labels = IntegerField(help_text="Labels the model was trained on.")
    estimator = CharField(help_text="What it was fitted by: a value of the setting of that name.")
    accuracy = EstimateOut(help_text="Items whose whole answer is right.")
    macro_f1 = EstimateOut()
    f1 = EstimateOut(required=False, help_text="Over all parts, where an answer has several.")
    map50 = EstimateOut(required=False, help_text=OF_MAP)


class PerClassOut(Serializer):
    label = CharField()  # type: ignore[assignment]
    precision = EstimateOut(allow_null=True)
    recall = EstimateOut(allow_null=True)
    f1 = FloatField()
    f1_estimate = EstimateOut(
        allow_null=True, help_text="The same with its interval; n counts what is or was taken for it."
    )
    support = IntegerField()
    average_precision = EstimateOut(required=False, allow_null=True, help_text="Of boxes, at half overlap.")


class ConfusionOut(Serializer):
    labels = ListField(child=CharField())
    counts = ListField(child=ListField(child=IntegerField()), help_text="Rows: people. Columns: the model.")


class CurrentOut(Serializer):
    round = IntegerField()
    labels = IntegerField()
    finished_at = DateTimeField()
    accuracy = EstimateOut(help_text="Items whose whole answer is right.")
    macro_f1 = EstimateOut()
    f1 = EstimateOut(required=False, help_text="Over all parts, where an answer has several.")
    map50 = EstimateOut(required=False, help_text=OF_MAP)
    per_class = PerClassOut(many=True)
    confusion = ConfusionOut(allow_null=True, help_text="Null where an answer may have several labels.")


class ThresholdOut(Serializer):
    threshold = FloatField(help_text="Probability from which on the answer is yes.")
    precision = EstimateOut()
    recall = EstimateOut()
    f1 = FloatField()


class DecisionOut(Serializer):
    round = IntegerField()
    label = CharField(help_text="The rarer class: what is looked for.")  # type: ignore[assignment]
    n = IntegerField(help_text="Test answers.")
    positives = IntegerField(help_text="Of these, with that label.")
    share = FloatField(help_text="The average precision of guessing.")
    average_precision = EstimateOut(allow_null=True)
    steps = ThresholdOut(many=True, help_text="By descending threshold.")
    best = ThresholdOut(allow_null=True, help_text="Of all thresholds, the one with the highest F1.")
    now = ThresholdOut(allow_null=True, help_text="What the model says as it is, from 0.5 on.")
    reason = CharField(help_text="Why nothing is shown; empty when it is.")


class LabelCountOut(Serializer):
    label = CharField()  # type: ignore[assignment]
    n = IntegerField()


class LabelTotalOut(LabelCountOut):
    color = CharField(help_text="A token such as label-3, or #a1b2c3; empty for a label that the project has no more.")


class PersonLabelsOut(Serializer):
    user = CharField()
    machine = BooleanField(help_text="Whether these are imported labels.")
    total = IntegerField()
    labels = LabelCountOut(many=True)


class LabelsOut(Serializer):
    overall = LabelTotalOut(many=True)
    by_person = PersonLabelsOut(many=True)


class PersonPaceOut(Serializer):
    user = CharField()
    last_hour = IntegerField()
    counts = ListField(child=IntegerField(), help_text="Labels in each of the clock hours of `hours`.")
    median_seconds = FloatField(allow_null=True)


class ThroughputOut(Serializer):
    hour = IntegerField(help_text="Labels that people gave in the last 60 minutes.")
    day = IntegerField()
    hours = ListField(child=DateTimeField())
    by_person = PersonPaceOut(many=True)


class RunningOut(Serializer):
    number = IntegerField()
    started_at = DateTimeField()


class QueueOut(Serializer):
    order = serializers.ChoiceField(choices=["model", "spread", "random", "none"])
    text = CharField()
    round = IntegerField(allow_null=True, help_text="The round that ranked the queue.")
    ranked_at = DateTimeField(allow_null=True)
    ready = IntegerField()
    ready_by_reason = DictField(child=IntegerField())
    in_hand = IntegerField()
    answers_since = IntegerField()
    batch_size = IntegerField()
    running = RunningOut(allow_null=True)
    asked_at = DateTimeField(allow_null=True)
    failures = IntegerField(help_text="Rounds failed in a row.")
    retry_at = DateTimeField(allow_null=True)


class RoundOut(Serializer):
    number = IntegerField()
    status = CharField()
    trigger = CharField()
    answers = IntegerField()
    labels = IntegerField()
    control_labels = IntegerField()
    started_at = DateTimeField()
    finished_at = DateTimeField(allow_null=True)
    seconds = FloatField(allow_null=True)
    timings = DictField(child=FloatField(), help_text="Seconds by step.")
    metrics = JSONField()
    settings = JSONField()
    seed = CharField()
    published = IntegerField()
    note = CharField()
    error = CharField()


class RoundPage(Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RoundOut(many=True)


class WorkerOut(Serializer):
    alive = BooleanField()
    seen_at = DateTimeField(allow_null=True)


class AgreementOut(Serializer):
    share = EstimateOut(allow_null=True)
    items = IntegerField()
    reason = CharField()


class ConditionOut(Serializer):
    name = CharField()
    title = CharField()
    kind = serializers.ChoiceField(choices=["limit", "sign", "search"])
    stop = BooleanField(allow_null=True, help_text="null: it cannot tell, or is not set.")
    reason = CharField()
    n = IntegerField(help_text="Labels, models, test answers or items that it rests on.")
    value = FloatField(allow_null=True, help_text="What is held against the threshold.")
    threshold = FloatField(allow_null=True)
    share = FloatField(allow_null=True, help_text="Of the way to the threshold, from 0 to 1.")
    numbers = DictField(child=FloatField())
    applies = BooleanField(help_text="False: it never tells anything of answers of this kind.")


class ForecastOut(Serializer):
    labels = FloatField()
    value = FloatField(help_text="Accuracy that a power law through the curve leads to expect.")
    low = FloatField()
    high = FloatField()


class StopOut(Serializer):
    advice = CharField(allow_null=True, help_text="stop, go on, or null: no advice yet.")
    reason = CharField()
    when = serializers.ChoiceField(choices=["advise", "pause"], help_text="What happens when a limit is reached.")
    paused_at = DateTimeField(allow_null=True)
    paused_reason = CharField()
    conditions = ConditionOut(many=True)
    forecast = ForecastOut(many=True, allow_null=True)


class ShareOut(Serializer):
    accuracy = EstimateOut(allow_null=True)
    reason = CharField(help_text="Why nothing is shown; empty when it is.")


class WeightedOut(ShareOut):
    n = IntegerField(help_text="Answers with a known probability.")
    effective = FloatField(allow_null=True, help_text="Kish's effective sample size; hidden below 100.")
    reach = FloatField(allow_null=True, help_text="Mean weight: one when the draws reach the whole pool.")


class BiasedOut(Serializer):
    before_training = EstimateOut(allow_null=True)
    before_training_reason = CharField()
    out_of_fold = EstimateOut(allow_null=True)
    out_of_fold_reason = CharField()


class BinOut(Serializer):
    sure = FloatField(help_text="Mean probability that the model gave to what it said.")
    right = EstimateOut()


class CalibrationOut(Serializer):
    round = IntegerField(allow_null=True)
    n = IntegerField()
    what = CharField(help_text="What the n are: answers, or the parts that the model said.")
    bins = BinOut(many=True)
    error = FloatField(allow_null=True, help_text="Expected calibration error.")
    by_chance = FloatField(allow_null=True, help_text="What a perfectly calibrated model would show with the same n.")
    by_chance_high = FloatField(allow_null=True, help_text="What it would exceed one time in twenty.")
    reason = CharField()


class ArmOut(Serializer):
    labels = IntegerField()
    accuracy = EstimateOut()


class EqualLabelsOut(Serializer):
    difference = EstimateOut(allow_null=True, help_text="Accuracy of the strategy minus that of random labels, paired.")
    active = ArmOut(allow_null=True)
    random = ArmOut(allow_null=True)
    reason = CharField()


class EndsOut(Serializer):
    value = FloatField(allow_null=True)
    low = FloatField(allow_null=True)
    high = FloatField(allow_null=True, help_text="None: too far to tell.")


class LabelsSavedOut(Serializer):
    labels = IntegerField(help_text="Labels of the newest model.")
    random_labels = EndsOut(help_text="Random labels that would be as good, by the random arm's curve.")
    saved = EndsOut()
    limit = FloatField(allow_null=True, help_text="Labels up to which the curve was followed.")
    n = IntegerField(help_text="Test answers.")
    reason = CharField()


class AnchoringOut(Serializer):
    shown = EstimateOut(allow_null=True, help_text="How far people agree with a suggestion that they see.")
    withheld = EstimateOut(allow_null=True, help_text="The same where it was withheld by lot.")
    difference = EstimateOut(allow_null=True)
    reason = CharField()


class TrustOut(Serializer):
    from_round = IntegerField(allow_null=True)
    to_round = IntegerField(allow_null=True)
    in_parts = BooleanField(help_text="Whether an answer that is right in part counts in part, by the F1 of its parts.")
    suggestions_seen = IntegerField(help_text="Of these answers, those given with the suggestion on the screen.")
    anchoring = AnchoringOut(allow_null=True, help_text="Null where no suggestions are withheld.")
    test_sample = EstimateOut(allow_null=True, help_text="Of the newest model; the same figure as those below.")
    random_arm = ShareOut()
    weighted = WeightedOut()
    biased = BiasedOut()
    calibration = CalibrationOut()
    equal_labels = EqualLabelsOut()
    labels_saved = LabelsSavedOut()


class ProjectBriefOut(Serializer):
    id = IntegerField()
    name = CharField()
    task_type = CharField()


class ProgressOut(Serializer):
    project = ProjectBriefOut()
    generated_at = DateTimeField()
    counts = CountsOut()
    measures = MeasureOut(many=True, help_text="The figures of this task type, the one that targets are set for first.")
    test = TestOut()
    curve = PointOut(many=True, allow_null=True)
    curve_reason = CharField()
    control_curve = PointOut(many=True, allow_null=True)
    control_curve_reason = CharField()
    estimators = DictField(child=CharField(), help_text="Titles of the estimators that points of the curves name.")
    current = CurrentOut(allow_null=True)
    decision = DecisionOut(allow_null=True, help_text="Null where there are not two classes.")
    labels = LabelsOut()
    throughput = ThroughputOut()
    queue = QueueOut()
    rounds = RoundOut(many=True)
    worker = WorkerOut()
    agreement = AgreementOut()
    stop = StopOut()
    trust = TrustOut()
