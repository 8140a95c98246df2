"""How far the dashboard's figures are to be trusted, as the API returns it."""

from typing import Annotated

from annotation.api.response_objects import Doc, response_object


@response_object
class EstimateOut:
    value: float
    low: Annotated[float, Doc("Lower end of the 95 % interval.")]
    high: Annotated[float, Doc("Upper end of the 95 % interval.")]
    count: Annotated[int, Doc("Answers that it rests on.", deprecated_name="n")]


@response_object
class ShareOut:
    accuracy: EstimateOut | None
    reason: Annotated[str, Doc("Why nothing is shown; empty when it is.")]


@response_object
class WeightedOut(ShareOut):
    count: Annotated[int, Doc("Answers with a known probability.", deprecated_name="n")]
    effective_sample_size: Annotated[
        float | None, Doc("Kish's effective sample size; hidden below 100.", deprecated_name="effective")
    ]
    coverage: Annotated[
        float | None, Doc("Mean weight: one when the draws reach the whole pool.", deprecated_name="reach")
    ]


@response_object
class BiasedOut:
    prequential: Annotated[EstimateOut | None, Doc(deprecated_name="before_training")]
    prequential_reason: Annotated[str, Doc(deprecated_name="before_training_reason")]
    out_of_fold: EstimateOut | None
    out_of_fold_reason: str


@response_object
class BinOut:
    confidence: Annotated[float, Doc("Mean probability that the model gave to what it said.", deprecated_name="sure")]
    accuracy: Annotated[EstimateOut, Doc(deprecated_name="right")]


@response_object
class CalibrationOut:
    round: int | None
    count: Annotated[int, Doc(deprecated_name="n")]
    unit: Annotated[str, Doc("What the n are: answers, or the parts that the model said.", deprecated_name="what")]
    bins: list[BinOut]
    ece: Annotated[float | None, Doc("Expected calibration error.", deprecated_name="error")]
    ece_expected: Annotated[
        float | None, Doc("What a perfectly calibrated model would show with the same n.", deprecated_name="by_chance")
    ]
    ece_p95: Annotated[float | None, Doc("What it would exceed one time in twenty.", deprecated_name="by_chance_high")]
    reason: str


@response_object
class ArmOut:
    labels: int
    accuracy: EstimateOut


@response_object
class EqualLabelsOut:
    difference: Annotated[EstimateOut | None, Doc("Accuracy of the strategy minus that of random labels, paired.")]
    active: ArmOut | None
    random: ArmOut | None
    reason: str


@response_object
class EndsOut:
    value: float | None
    low: float | None
    high: Annotated[float | None, Doc("None: too far to tell.")]


@response_object
class LabelsSavedOut:
    labels: Annotated[int, Doc("Labels of the newest model.")]
    equivalent_random_labels: Annotated[
        EndsOut, Doc("Random labels that would be as good, by the random arm's curve.", deprecated_name="random_labels")
    ]
    saved: EndsOut
    limit: Annotated[float | None, Doc("Labels up to which the curve was followed.")]
    count: Annotated[int, Doc("Test answers.", deprecated_name="n")]
    reason: str


@response_object
class AnchoringOut:
    shown: Annotated[EstimateOut | None, Doc("How far people agree with a suggestion that they see.")]
    withheld: Annotated[EstimateOut | None, Doc("The same where it was withheld by lot.")]
    difference: EstimateOut | None
    reason: str


@response_object
class TrustOut:
    from_round: int | None
    to_round: int | None
    in_parts: Annotated[bool, Doc("Whether an answer that is right in part counts in part, by the F1 of its parts.")]
    suggestions_seen: Annotated[int, Doc("Of these answers, those given with the suggestion on the screen.")]
    anchoring: Annotated[AnchoringOut | None, Doc("Null where no suggestions are withheld.")]
    test_sample: Annotated[EstimateOut | None, Doc("Of the newest model; the same figure as those below.")]
    random_arm: ShareOut
    weighted: WeightedOut
    biased: BiasedOut
    calibration: CalibrationOut
    at_equal_labels: Annotated[EqualLabelsOut, Doc(deprecated_name="equal_labels")]
    labels_saved: LabelsSavedOut
