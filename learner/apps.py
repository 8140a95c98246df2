from django.apps import AppConfig


class LearnerConfig(AppConfig):
    name = "learner"
    verbose_name = "Numbers, models, rounds"

    def ready(self) -> None:
        from annotation.jobs import JOB_KINDS, JobKind
        from annotation.project_settings.groups import add_group
        from annotation.prometheus import SOURCES
        from learner import prometheus, receivers  # noqa: F401  (receivers connects)
        from learner.loop_options import LoopOptions
        from learner.models import Simulation

        add_group(LoopOptions)
        SOURCES.append(prometheus.round_metrics)
        JOB_KINDS[Simulation] = JobKind("learner.tasks.simulate", "learner.simulations.worker.run_simulation_slice")
