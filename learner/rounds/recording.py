"""What a round keeps of its iteration."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.estimator import choices_of
from learner.engine.contracts.iteration import IterationInput, IterationResult, Labels, RankedItem
from learner.engine.features import encoder_model
from learner.engine.features.left_out_column import LeftOutColumn
from learner.engine.features.table_rows import TableTransformer
from learner.engine.stopping import stop_set
from learner.models import Round
from learner.rounds import estimator_selection, feature_selection
from learner.rounds.column_selection import COLUMNS_METRIC
from learner.rounds.feature_matrices import feature_store


def record_iteration_result(current: Round, inputs: IterationInput, result: IterationResult) -> None:
    """Keep in the round what the iteration came to."""
    current.labels, current.control_labels = len(inputs.train_rows), len(inputs.control_rows)
    current.note = (
        result.note
        or estimator_selection.fallback_reason(current.project, result.model)
        or _feature_fallback_note(current)
    )
    current.metrics = {
        **{key: value for key, value in current.metrics.items() if key == COLUMNS_METRIC},
        "classes": [] if result.model is None else list(result.model.classes),
        "beta": result.beta if result.beta is None or np.isfinite(result.beta) else "infinite",
        "effective_pool": result.effective_pool,
        "measure": result.score_name,
        "ranks": ranks_digest(result.choices),
        "pool": result.pool_size,
    }
    if columns := _table_columns(current):
        current.metrics["columns"] = columns
    if choices := choices_of(result.model):
        current.metrics["choices"] = dict(choices)
    if result.remaining_uncertainty is not None:
        current.metrics["mean_uncertainty"], current.metrics["max_uncertainty"] = result.remaining_uncertainty
    current.stop_predictions = stop_set.pack_stop_set_predictions(inputs.stop_set_rows, result.stop_set_predictions)
    current.test_predictions = predictions_by_position(inputs, result.test_predictions)
    current.test_scores = scores_by_position(inputs, result.test_scores)
    current.control_predictions = predictions_by_position(inputs, result.control_predictions)
    current.test_detections, current.control_detections = result.test_detections, result.control_detections


def _feature_fallback_note(current: Round) -> str:
    """Return why the features are not those that the lead asked for."""
    kind, why = feature_selection.effective_feature_set_and_reason(current.project)
    return why or (feature_store().last_error(current.project_id) if encoder_model(kind) else "")


def _table_columns(current: Round) -> list[dict[str, str]]:
    """Return what each column of a table became, where the round before had other features; nothing of other items."""
    before = current.project.rounds.done().order_by("-number").values_list("settings__features", flat=True).first()
    if before == current.settings["features"]:
        return []
    transformer = feature_store().current_transformer(current.project_id)
    columns = transformer.columns if isinstance(transformer, TableTransformer) else ()
    return [
        {"name": column.name, "kind": column.kind}
        | ({"reason": column.reason} if isinstance(column, LeftOutColumn) else {})
        for column in columns
    ]


def ranks_digest(choices: Sequence[RankedItem]) -> str:
    """Return 32 hex digits that are equal for equal items in equal order for equal reasons."""
    text = json.dumps([[choice.row, choice.reason] for choice in choices], separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def predictions_by_position(inputs: IterationInput, predictions: Labels | None) -> dict[str, str]:
    """Return {position: label} of the test items; nothing without predictions."""
    if predictions is None:
        return {}
    return {str(row): str(label) for row, label in zip(inputs.test_rows, predictions, strict=True)}


def scores_by_position(inputs: IterationInput, scores: NDArray[np.floating[Any]] | None) -> dict[str, float]:
    """Return the confidence of the model in each test item, to four places."""
    if scores is None:
        return {}
    return {str(row): round(float(score), 4) for row, score in zip(inputs.test_rows, scores, strict=True)}
