"""A done round once more: its input rebuilt from the rows as they were, through the same function."""

from dataclasses import dataclass
from typing import Any

from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings
from learner.engine.loop.iteration import run_iteration
from learner.engine.stopping.stop_set import pack
from learner.models import Round
from learner.rounds import feature_matrices, recording, round_settings, training_data


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
    def same(self) -> bool:
        return not self.differences


def given_to(current: Round) -> tuple[IterationInput, IterationSettings]:
    """Return what the round was given: answers, items in hand, seed and settings as of its moment.

    Raises CannotReplay when the features were fitted anew since.
    """
    features, version = feature_matrices.feature_matrix(current.project, current.items, quick=True)
    if version != current.settings.get("features"):
        raise CannotReplay(
            f"The features were fitted again since round {current.number} "
            f"({current.settings.get('features')} then, {version} now), so its ranks cannot be made again."
        )
    return training_data.replayed_input(current, features), round_settings.settings_of(current)


def replay(current: Round) -> Replayed:
    """Run the round again and compare; changes nothing. Raises CannotReplay."""
    if current.status != "done" or "ranks" not in current.metrics:
        raise CannotReplay(f"Round {current.number} is {current.status}: only a done round has ranks to compare.")
    given, settings = given_to(current)
    result = run_iteration(given, settings)
    predictions, again = recording.by_position(given, result.test_predictions), recording.ranks_digest(result.choices)
    stop_set = pack(given.stop_rows, result.stop_predictions)
    found: list[tuple[str, Any, Any]] = [
        ("answers", current.answers, training_data.answers(current.project, current.answers_upto).given),
        ("training labels", current.labels, len(given.train_rows)),
        ("labels of the random arm", current.control_labels, len(given.control_rows)),
        ("predictions of the test sample", current.test_predictions, predictions),
        ("predictions of the stop set", current.stop_predictions or stop_set, stop_set),
        ("what was found in the test sample", current.test_found or result.test_found, result.test_found),
        ("ranks", current.metrics["ranks"], again),
    ]
    differences = [_difference(what, then, now) for what, then, now in found if then != now]
    return Replayed(result, current.metrics["ranks"], again, differences)


def _difference(what: str, then: Any, now: Any) -> str:
    if isinstance(then, dict) and isinstance(now, dict):
        changed = sum(then.get(key) != now.get(key) for key in then.keys() | now.keys())
        return f"{what}: {changed} of {len(then.keys() | now.keys())} differ"
    return f"{what}: {then} then, {now} now"
