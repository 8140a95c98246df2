"""Which features a project wants, and which it gets where the sentence encoder cannot be had."""

from django.conf import settings

from annotation.models import Project
from annotation.words import Words as _
from learner.features.encoder import PREFIX, trouble
from learner.tasklearners import LEARNERS

NOT_LOADED = _("The sentence encoder of this server cannot be loaded (its log says why): other features are used.")


def chosen(project: Project) -> tuple[str, str]:
    """Return the feature set to make and, where it is not the one asked for, why."""
    asked, automatic = str(project.setting("features")), LEARNERS[project.task_type].automatic
    if asked != "encoder":
        return (automatic if asked == "auto" else asked), ""
    why = trouble(settings.ENCODER)
    return (automatic if why else PREFIX + settings.ENCODER), why
