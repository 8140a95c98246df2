"""Which features a project wants, and which it gets where the sentence encoder cannot be had."""

from django.conf import settings

from annotation.models import Project
from annotation.words import Words as _
from learner.features.encoder import PREFIX, trouble

AUTO = "text"  # looks at the texts itself
NOT_LOADED = _("The sentence encoder of this server cannot be loaded (its log says why): other features are used.")


def chosen(project: Project) -> tuple[str, str]:
    """Return the feature set to make and, where it is not the one asked for, why."""
    asked = str(project.setting("features"))
    if asked != "encoder":
        return (AUTO if asked == "auto" else asked), ""
    why = trouble(settings.ENCODER)
    return (AUTO if why else PREFIX + settings.ENCODER), why
