from django.apps import AppConfig


class LearnerConfig(AppConfig):
    name = "learner"
    verbose_name = "Numbers, models, rounds"

    def ready(self) -> None:
        from annotation.projectsettings import SETTINGS
        from learner import listeners  # noqa: F401  (connects)
        from learner.projectsettings import LEARNER_SETTINGS

        SETTINGS.update(LEARNER_SETTINGS)
