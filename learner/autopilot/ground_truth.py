"""How good the models really are: each saved one on all items that never trained, which the oracle alone can tell."""

import csv
import gzip
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.errors import InvalidRequest, InvalidValue
from annotation.models import Item, Project, Split
from annotation.tasktypes import AnswerContext, TaskType
from learner.autopilot.oracle import Oracle
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.column_views import base_version
from learner.engine.contracts.estimator import Detector
from learner.engine.estimators import Model, estimator_named
from learner.engine.evaluation.task_metrics import TaskMetrics
from learner.engine.features import transform_in_chunks
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round
from learner.rounds import feature_matrices, item_contents, training_data
from learner.rounds.replay import CannotReplay, rebuild_input_and_settings


@dataclass(frozen=True)
class LabelledItems:
    """Rows of what models read, and what they truly are."""

    task_type: TaskType
    read: Any  # features (n, d) or contents (n,)
    rows: NDArray[np.intp]
    labels: NDArray[np.str_]

    def evaluate_model(self, model: Model) -> dict[str, Any]:
        """Return the task type's metrics, and n, of a model's predictions."""
        truth, predicted = self.labels.tolist(), model.predict(self.read, self.rows).tolist()
        estimates = {
            **evaluation_of_task_type(self.task_type.name).point_estimates(self.task_type, truth, predicted),
            "n": len(truth),
        }
        return estimates | self._detection_metrics(model)

    def _detection_metrics(self, model: Model) -> dict[str, float]:
        """Return the metrics that rest on all detections, answered or not; nothing of a model that is no detector."""
        add_detection_metrics = evaluation_of_task_type(self.task_type.name).add_detection_metrics
        if add_detection_metrics is None or not isinstance(model, Detector):
            return {}
        truth = dict(zip(map(str, self.rows.tolist()), self.labels.tolist(), strict=True))
        metrics = add_detection_metrics(TaskMetrics({}), self.task_type, truth, model.detect_all(self.read, self.rows))
        return {key: estimate.value for key, estimate in metrics.estimates.items()}

    def viewed(self, project: Project, model: Model) -> "LabelledItems":
        """Return the same with the columns that a model reads."""
        return replace(self, read=feature_matrices.feature_store().viewed(project.pk, self.read, model.features))

    def subset(self, wanted: NDArray[np.bool_]) -> "LabelledItems":
        """Return some of them."""
        return replace(self, rows=self.rows[wanted], labels=self.labels[wanted])


@dataclass(frozen=True)
class ExternalTestSet:
    """A test set that the project does not hold."""

    texts: list[str]
    labels: list[str]


def read_external_test_set(project: Project, spec: str) -> ExternalTestSet:
    """Read FILE:TEXT:LABEL, a CSV file (plain or gzipped) and the names of two columns."""
    try:
        name, text, label = spec.rsplit(":", 2)
        data = Path(name).read_bytes()
        plain = gzip.decompress(data) if name.endswith(".gz") else data
        rows = list(csv.DictReader(io.StringIO(plain.decode("utf-8-sig"), newline="")))
        texts, cells = [row[text] for row in rows], [row[label].strip() for row in rows]
    except (ValueError, KeyError, OSError) as error:
        raise InvalidRequest(f"{spec} is not FILE:TEXT:LABEL of a CSV file: {error!r}") from None
    context = AnswerContext(project.label_names(), None, project.settings)
    try:
        return ExternalTestSet(
            texts, [project.kind.answer.target(project.kind.answer.from_cell(cell, context)) for cell in cells]
        )
    except InvalidValue as error:
        raise InvalidRequest(f"{name} has an answer that the project does not know: {error}") from None


def true_learning_curves(project: Project, oracle: Oracle, outside: ExternalTestSet | None = None) -> dict[str, Any]:
    """Return {model: [...], control: [...]}: per round its labels and its scores.

    `unused` is all items that no round so far trained on, the same for every point: what is left when a strategy has
    taken the hard ones. `sample` is the whole test sample, answered or not, which nobody chose; `outside` the test set
    from outside. The control arm's models are fitted again, as only the ranking ones are kept.
    """
    known = _items_with_true_labels(project, oracle)
    judges = {"unused": _items_never_trained_on(project, known), "sample": _items_of_test_sample(project, known)}
    if outside:
        judges["outside"] = _external_items(project, outside)

    def curve_point(number: int, labels: int, model: Model) -> dict[str, Any]:
        scores = {name: items.viewed(project, model).evaluate_model(model) for name, items in judges.items()}
        return {"round": number, "labels": labels, **scores}

    done = [row for row in Round.objects.done().filter(project=project).order_by("number") if row.metrics["classes"]]
    saved = [(row, feature_matrices.feature_store().load_model(project.pk, row.number)) for row in done]
    version = feature_matrices.feature_store().current_version(project.pk)
    return {
        # a model of earlier features cannot be asked about today's
        "model": [
            curve_point(row.number, row.labels, m) for row, m in saved if m and base_version(m.features) == version
        ],
        "control": [curve_point(row.number, row.control_labels, model) for row, model in _refit_control_models(done)],
    }


def _items_never_trained_on(project: Project, known: LabelledItems) -> LabelledItems:
    """Return those that nobody labelled for training."""
    seen = training_data.settled_answers(project, training_data.take_snapshot(project).answers_upto)
    return known.subset(~np.isin(known.rows, seen.positions[~seen.is_test]))


def _items_of_test_sample(project: Project, known: LabelledItems) -> LabelledItems:
    """Return those of the test sample."""
    test = Item.objects.filter(project=project, split=Split.TEST).values_list("position", flat=True)
    return known.subset(np.isin(known.rows, list(test)))


def _items_with_true_labels(project: Project, oracle: Oracle) -> LabelledItems:
    """Return the items with a known label."""
    positions, labels = oracle.positions_and_targets()
    features, _ = feature_matrices.ensure_feature_matrix(project, project.item_count)
    there = positions < features.shape[0]
    read = item_contents.estimator_input(project, features)
    return LabelledItems(project.kind, read, positions[there].astype(np.intp), labels[there])


def _external_items(project: Project, outside: ExternalTestSet) -> LabelledItems:
    """Turn outside texts into features with what was fitted on the project's own."""
    read: Any = np.array(outside.texts, object)
    if TASK_PROFILES[project.task_type].answers.estimator_reads == "features":
        transformer = feature_matrices.feature_store().current_transformer(project.pk)
        if transformer is None:
            raise InvalidRequest("The project has no features yet.")
        read = transform_in_chunks(transformer, outside.texts)
    return LabelledItems(project.kind, read, np.arange(len(outside.texts)), np.array(outside.labels))


def _refit_control_models(done: list[Round]) -> list[tuple[Round, Model]]:
    """Fit the random arm's models again, one for each size of the arm."""
    newest = {row.control_labels: row for row in done if row.control_predictions}
    models = []
    for row in sorted(newest.values(), key=lambda row: row.number):
        try:
            inputs, settings = rebuild_input_and_settings(row)
        except CannotReplay:
            continue
        if len(set(inputs.control_labels.tolist())) < 2:
            continue
        fit = estimator_named(settings.estimator)
        model = fit(inputs.model_input[inputs.control_rows], inputs.control_labels.astype(str), inputs.seed)
        models.append((row, model.tag_features(row.settings["features"])))
    return models
