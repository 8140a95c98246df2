"""How answers of each kind are evaluated and compared: one line each in ANSWER_EVALUATIONS. Pure."""

from dataclasses import dataclass

from learner.engine.answer_profiles import (
    BOXES,
    NUMBER,
    ONE_LABEL,
    RATING,
    SEVERAL_LABELS,
    SPANS,
    AnswerProfile,
)
from learner.engine.contracts.agreement import Agreement
from learner.engine.evaluation.confidence import ConfidenceFunction, box_confidences_and_correctness
from learner.engine.evaluation.task_metrics import (
    AddDetectionMetrics,
    EvaluateFunction,
    PointEstimateFunction,
    add_average_precision,
    box_point_estimates,
    component_point_estimates,
    evaluate_boxes,
    evaluate_components,
    evaluate_labels,
    evaluate_numbers,
    evaluate_ratings,
    label_point_estimates,
    number_point_estimates,
    rating_point_estimates,
)
from learner.engine.stopping import model_agreement
from learner.engine.task_profiles import TASK_PROFILES


@dataclass(frozen=True)
class AnswerEvaluation:
    """How a model of answers of one kind is evaluated, and compared with another."""

    evaluate: EvaluateFunction
    point_estimates: PointEstimateFunction  # as `evaluate`, without intervals
    agreement: Agreement  # of two models about the stop set
    # adds figures that rest on all detections, those too uncertain to suggest included
    add_detection_metrics: AddDetectionMetrics | None = None
    # confidence in each predicted component; None: a model is confident of an answer as a whole
    component_confidences: ConfidenceFunction | None = None


ANSWER_EVALUATIONS: dict[AnswerProfile, AnswerEvaluation] = {
    ONE_LABEL: AnswerEvaluation(evaluate_labels, label_point_estimates, model_agreement.LABEL_AGREEMENT),
    SEVERAL_LABELS: AnswerEvaluation(
        evaluate_components, component_point_estimates, model_agreement.MULTILABEL_AGREEMENT
    ),
    SPANS: AnswerEvaluation(evaluate_components, component_point_estimates, model_agreement.SPAN_AGREEMENT),
    BOXES: AnswerEvaluation(
        evaluate_boxes,
        box_point_estimates,
        model_agreement.BOX_AGREEMENT,
        add_detection_metrics=add_average_precision,
        component_confidences=box_confidences_and_correctness,
    ),
    NUMBER: AnswerEvaluation(evaluate_numbers, number_point_estimates, model_agreement.NUMBER_AGREEMENT),
    RATING: AnswerEvaluation(evaluate_ratings, rating_point_estimates, model_agreement.LABEL_AGREEMENT),
}


def evaluation_of_task_type(task_type: str) -> AnswerEvaluation:
    """Return how answers of a task type are evaluated. Raises KeyError when there is no such type."""
    return ANSWER_EVALUATIONS[TASK_PROFILES[task_type].answers]
