from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"
    verbose_name = "People, items, answers"

    def ready(self) -> None:
        from annotation.accounts import sessions  # noqa: F401  (its receiver is connected)
        from annotation.events import sign_ins  # noqa: F401  (listens from now on)
        from annotation.project_settings.goal import GoalOptions
        from annotation.project_settings.groups import add_group
        from annotation.project_settings.labelling import LabellingOptions

        add_group(GoalOptions)
        add_group(LabellingOptions)
