from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from annotation.models import Project


class LearnerConfig(AppConfig):
    name = "learner"
    verbose_name = "Numbers, models, rounds"

    def ready(self) -> None:
        from annotation.exports.recall import RECALL_SOURCES
        from annotation.jobs import JOB_KINDS, JobKind
        from annotation.project_settings.groups import add_group
        from annotation.prometheus import SOURCES
        from learner import prometheus, receivers  # noqa: F401  (receivers connects)
        from learner.loop_options import LoopOptions
        from learner.models import Simulation

        add_group(LoopOptions)
        SOURCES.append(prometheus.round_metrics)
        RECALL_SOURCES.append(recall_of_project)
        JOB_KINDS[Simulation] = JobKind("learner.tasks.simulate", "learner.simulations.worker.run_simulation_slice")


def recall_of_project(project: "Project") -> "dict[str, Any] | None":
    from learner.reports.finding import recall_for_export  # brings the numbers along, which not every process needs

    return recall_for_export(project)
