"""The settings of an iteration, from a project's and from those that a round ran with."""

from dataclasses import asdict, fields
from typing import Any

from annotation.models import Project
from annotation.queue import image_grids
from annotation.queue.suggestion_policy import SuggestionPolicy
from learner.engine.contracts.iteration import IterationSettings
from learner.loop_options import loop_options
from learner.models import Round
from learner.rounds import estimator_selection

STORED_SETTING_NAMES = {
    "target_label": "target",
    "mixture_shares": "shares",
}  # of fields, in the settings of stored rounds
PREFETCHED_ITEMS = 10  # items that the annotate screen keeps in hand, one by one


def settings_from_project(project: Project) -> IterationSettings:
    """Return the settings of the next iteration, from those of the project."""
    options = loop_options(project)
    spread = options.spread_share
    return IterationSettings(
        strategy=options.strategy,
        estimator=estimator_selection.effective_estimator_and_reason(project)[0],
        beta=options.beta,
        beta_end=options.beta_end,
        beta_labels=options.beta_labels,
        effective_pool=options.effective_pool,
        target_label=project.label_to_find or project.resolve_label(options.target_label),
        topic=project.goal.topic,
        mixture_shares={"margin": 1 - spread, "spread": spread} if options.strategy == "mixture" else {},
        batch_size=options.batch_size,
        depth=_queue_depth(project),
        random_share=options.random_share,
        test_share=options.test_share,
    )


def _queue_depth(project: Project) -> int:
    """Return how long the queue is to be: enough while a round runs, and no more, for each round writes it anew."""
    batch_size = loop_options(project).batch_size
    ahead = image_grids.ITEMS_AHEAD if SuggestionPolicy.of_project(project).grids else PREFETCHED_ITEMS
    ahead *= project.memberships.people().count()  # what all of them take at once when they begin
    return max(200, min(2 * batch_size + ahead, 2000), batch_size)


def settings_to_record(settings: IterationSettings) -> dict[str, Any]:
    """Return settings as rounds store them."""
    return {STORED_SETTING_NAMES.get(name, name): value for name, value in asdict(settings).items()}


def recorded_settings(current: Round) -> IterationSettings:
    """Return the settings that the round ran with."""
    stored = {STORED_SETTING_NAMES.get(field.name, field.name): field.name for field in fields(IterationSettings)}
    return IterationSettings(**{stored[key]: value for key, value in current.settings.items() if key in stored})
