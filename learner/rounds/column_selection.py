"""Which columns of a project's features a round reads, where an encoder's stand beside those made here."""

from dataclasses import replace

import numpy as np

from annotation.models import Project
from learner.engine.column_views import PLAIN_VIEW, VIEWS, base_version, version_with_view, viewed_columns
from learner.engine.contracts.iteration import IterationInput
from learner.engine.estimators import estimator_named
from learner.engine.fitting.column_choice import ColumnChoice, choose_columns
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round
from learner.rounds.feature_matrices import feature_store

GROWTH = 1.25  # of the random labels, after which they are asked again: it costs many fits
COLUMNS_METRIC = "columns"  # of a round's metrics


def select_columns(current: Round, inputs: IterationInput, version: str) -> tuple[IterationInput, str]:
    """Return the input with the columns that the round is to read, and the version of the features with its view.

    Notes the choice in the round's metrics. The random labels are asked when there are enough new ones.
    """
    project = current.project
    plain = feature_store().plain_dimensions(project.pk, version)
    if not plain:
        return inputs, version
    choice = _choice(current, inputs, version, plain)
    current.metrics = {**current.metrics, COLUMNS_METRIC: vars(choice)}
    features = viewed_columns(inputs.features, plain, choice.view)
    return replace(inputs, features=features), version_with_view(version, choice.view)


def latest_version_with_view(project: Project, version: str) -> str:
    """Return the version with the view of the newest round, if that read it; else the version as it is."""
    newest = _newest_round(project)
    recorded = str(newest.settings.get("features", "")) if newest else ""
    return recorded if base_version(recorded) == version else version


def _choice(current: Round, inputs: IterationInput, version: str, plain: int) -> ColumnChoice:
    last = _last_choice(current.project, version)
    random_labels = len(inputs.control_rows)
    if random_labels < last.random_labels * GROWTH or inputs.contents is not None:
        return last
    labelled = np.asarray(inputs.features[inputs.train_rows])
    is_random = np.isin(inputs.train_rows, inputs.control_rows)
    candidates = {view: viewed_columns(labelled, plain, view) for view in VIEWS}
    estimator = estimator_named(TASK_PROFILES[current.project.task_type].answers.estimators[0])
    choice = choose_columns(candidates, inputs.train_labels, is_random, last.view, estimator, inputs.seed)
    return choice if choice.losses else replace(choice, random_labels=last.random_labels)


def _last_choice(project: Project, version: str) -> ColumnChoice:
    """Return what the newest round chose; by default what an encoder is best for that can read the items."""
    newest = _newest_round(project)
    recorded = newest.metrics.get(COLUMNS_METRIC) if newest else None
    if recorded:
        return ColumnChoice(**recorded)
    readable = feature_store().is_encoder_readable(project.pk, version)
    return ColumnChoice(TASK_PROFILES[project.task_type].content.encoder_view if readable else PLAIN_VIEW, 0, {})


def _newest_round(project: Project) -> Round | None:
    rounds = Round.objects.done().filter(project=project)
    return rounds.only("settings", "metrics").order_by("-number").first()
