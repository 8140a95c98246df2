"""A done round once more: its input rebuilt from the rows as they were, through the same function."""

from dataclasses import dataclass
from typing import Any

from learner.engine.column_views import base_version
from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings
from learner.engine.loop.iteration import run_iteration
from learner.engine.stopping.stop_set import pack_stop_set_predictions
from learner.models import Round
from learner.rounds import feature_matrices, recording, round_settings, search_columns, training_data


class CannotReplay(Exception):
    """The round cannot be replayed; the message says why."""


@dataclass(frozen=True)
class Replayed:
    """What the round published and what the replay came to."""

    result: IterationResult
    published: str  # digests of the ranks
    again: str
    differences: list[str]  # anything that is not as it was

    @property
    def is_identical(self) -> bool:
        return not self.differences


def rebuild_input_and_settings(current: Round) -> tuple[IterationInput, IterationSettings]:
    """Return the input of the round: answers, leased items, seed and settings as of its snapshot.

    Raises CannotReplay when the features were fitted anew since.
    """
    features, version = feature_matrices.ensure_feature_matrix(current.project, current.items, quick=True)
    recorded = str(current.settings.get("features"))
    if version != base_version(recorded):
        raise CannotReplay(
            f"The features were fitted again since round {current.number} "
            f"({current.settings.get('features')} then, {version} now), so its ranks cannot be made again."
        )
    features = feature_matrices.feature_store().viewed(current.project_id, features, recorded)
    settings = round_settings.recorded_settings(current)
    columns = search_columns.read_search_columns(current.project, current.items, settings)
    if columns.version != current.settings.get("terms", ""):
        raise CannotReplay(f"The terms of the texts were fitted again since round {current.number}.")
    return training_data.rebuild_iteration_input(current, features, columns), settings


def replay_round(current: Round) -> Replayed:
    """Run the round again and compare; changes nothing. Raises CannotReplay."""
    if current.status != "done" or "ranks" not in current.metrics:
        raise CannotReplay(f"Round {current.number} is {current.status}: only a done round has ranks to compare.")
    inputs, settings = rebuild_input_and_settings(current)
    result = run_iteration(inputs, settings)
    predictions, again = (
        recording.predictions_by_position(inputs, result.test_predictions),
        recording.ranks_digest(result.choices),
    )
    stop_set = pack_stop_set_predictions(inputs.stop_set_rows, result.stop_set_predictions)
    compared: list[tuple[str, Any, Any]] = [
        ("answers", current.answers, training_data.settled_answers(current.project, current.answers_upto).live_count),
        ("training labels", current.labels, len(inputs.train_rows)),
        ("labels of the random arm", current.control_labels, len(inputs.control_rows)),
        ("predictions of the test sample", current.test_predictions, predictions),
        ("predictions of the stop set", current.stop_predictions or stop_set, stop_set),
        ("detections in the test sample", current.test_detections or result.test_detections, result.test_detections),
        ("ranks", current.metrics["ranks"], again),
    ]
    differences = [_describe_difference(what, then, now) for what, then, now in compared if then != now]
    return Replayed(result, current.metrics["ranks"], again, differences)


def _describe_difference(what: str, then: object, now: object) -> str:
    if isinstance(then, dict) and isinstance(now, dict):
        changed = sum(then.get(key) != now.get(key) for key in then.keys() | now.keys())
        return f"{what}: {changed} of {len(then.keys() | now.keys())} differ"
    return f"{what}: {then} then, {now} now"
