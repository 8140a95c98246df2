"""Simulations of a project, asked for: what may be compared, and whether there is enough to compare it on.

The work itself is in `worker`, which imports the learners; a web server has no need of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext

from annotation import jobs
from annotation.errors import Conflict, InvalidRequest
from annotation.models import Annotation, Item, JobStatus, Project, Split, User
from learner.engine import choice_descriptions
from learner.engine.answer_profiles import NETWORK_ESTIMATOR_NAMES
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options
from learner.models import Simulation

MIN_LABELLED = 60  # items with a settled answer
MAX_SEEDS, MAX_BUDGET_LABELS, MAX_TRIALS = 20, 2000, 200


def learner_titles(project: Project | None = None) -> Mapping[str, str]:
    """Return the estimators that are replayed for a project (None: any), each with its title."""
    names = (
        choice_descriptions.ESTIMATOR_DESCRIPTIONS
        if project is None
        else TASK_PROFILES[project.task_type].answers.estimators
    )
    return {
        name: choice_descriptions.ESTIMATOR_DESCRIPTIONS[name].title
        for name in names
        if name not in NETWORK_ESTIMATOR_NAMES
    }


def strategy_titles(project: Project | None = None) -> Mapping[str, str]:
    """Return the strategies that a project (None: any) may be set to, each with its title."""
    names = (
        choice_descriptions.STRATEGY_DESCRIPTIONS
        if project is None
        else TASK_PROFILES[project.task_type].answers.strategies
    )
    return {name: choice_descriptions.STRATEGY_DESCRIPTIONS[name].title for name in names}


@dataclass(frozen=True)
class Options:
    """What is compared."""

    strategies: list[str]
    learners: list[str]
    budget: int
    seeds: int
    batch: int
    metric: str
    target: str = ""

    @classmethod
    def clean(cls, project: Project, requested: Mapping[str, Any]) -> "Options":
        """Return the options that a lead asks for, checked; raises InvalidRequest."""
        strategies = _checked_choices(requested.get("strategies"), list(strategy_titles(project)), "strategies")
        learners = _checked_choices(requested.get("learners"), list(learner_titles(project)), "learners")
        metrics = TASK_PROFILES[project.task_type].answers.replay_metrics
        options = cls(
            strategies=strategies,
            learners=learners,
            budget=_checked_whole_number(requested.get("budget", 200), "budget", MAX_BUDGET_LABELS),
            seeds=_checked_whole_number(requested.get("seeds", 5), "seeds", MAX_SEEDS),
            batch=_checked_whole_number(
                requested.get("batch", loop_options(project).batch_size), "batch", MAX_BUDGET_LABELS
            ),
            metric=_checked_choice(requested.get("metric") or next(iter(metrics)), list(metrics), "metric"),
            target=_checked_choice(requested.get("target", ""), ["", *project.label_names()], "target"),
        )
        if len(strategies) * len(learners) * options.seeds > MAX_TRIALS:
            raise InvalidRequest(
                gettext("Strategies times learners times seeds: at most %(most)d.") % {"most": MAX_TRIALS}
            )
        return options


def _checked_choices(names: object, known: list[str], name: str) -> list[str]:
    """Return the names, each once, if all of them are known. Raises InvalidRequest."""
    if not isinstance(names, list) or not names:
        raise InvalidRequest(gettext("Choose at least one of: %(names)s.") % {"names": ", ".join(known)})
    return list(dict.fromkeys(_checked_choice(value, known, name) for value in names))


def _checked_choice(value: object, known: Collection[str], name: str) -> str:
    """Return the value if it is one of those known. Raises InvalidRequest."""
    if value not in known:
        choices = ", ".join(filter(None, known))
        raise InvalidRequest(
            gettext("%(name)s must be one of: %(choices)s.") % {"name": name, "choices": choices}, {"field": name}
        )
    return str(value)


def _checked_whole_number(value: object, name: str, maximum: int) -> int:
    """Return the value if it is a whole number from 1 to the maximum. Raises InvalidRequest."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= maximum:
        raise InvalidRequest(
            gettext("%(name)s must be a whole number from 1 to %(most)d.") % {"name": name, "most": maximum},
            {"field": name},
        )
    return value


# Asking


@dataclass(frozen=True)
class LabelledCounts:
    """Whether there is enough to simulate on."""

    items: int  # with a settled answer
    labels: int  # different ones among them
    by_test_sample: int  # of the items: those of the answered test sample, by which it would be judged

    @property
    def is_enough(self) -> bool:
        return self.items >= MIN_LABELLED and self.labels >= 2


def count_labelled_items(project: Project) -> LabelledCounts:
    """Count what has answers; whether people agree on them the worker finds out."""
    items = Item.objects.filter(project=project).labelled()
    answers = Annotation.objects.answers().filter(project=project).order_by()
    return LabelledCounts(
        items.count(), len(answers.values_list("value").distinct()[:100]), items.filter(split=Split.TEST).count()
    )


def request_simulation(project: Project, user: User, requested: Mapping[str, Any]) -> Simulation:
    """Ask for a simulation; a worker makes it. Raises InvalidRequest or, while one is under way, Conflict."""
    options = Options.clean(project, requested)
    if not count_labelled_items(project).is_enough:
        raise InvalidRequest(too_few_labels_message())
    under_way = Simulation.objects.filter(project=project, status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    if under_way.exists():
        raise Conflict(gettext("A simulation of this project is under way: wait until it has ended."))
    run = Simulation.objects.create(project=project, created_by=user, options=asdict(options))
    jobs.wake_worker_after_commit(run)
    return run


def too_few_labels_message() -> str:
    return gettext("A simulation needs %(least)d labelled items, and two different labels among them.") % {
        "least": MIN_LABELLED
    }
