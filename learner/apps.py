from django.apps import AppConfig


class LearnerConfig(AppConfig):
    name = "learner"
    verbose_name = "Numbers, models, rounds"

    def ready(self) -> None:
        from annotation.jobs import TASKS
        from annotation.project_settings import SETTINGS
        from annotation.prometheus import SOURCES
        from learner import prometheus, receivers  # noqa: F401  (listeners connects)
        from learner.models import Simulation
        from learner.settings import LEARNER_SETTINGS

        SETTINGS.update(LEARNER_SETTINGS)
        SOURCES.append(prometheus.rounds)
        TASKS[Simulation] = "learner.tasks.simulate"
