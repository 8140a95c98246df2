"""Which features a project wants, and which it gets where the encoder cannot be had."""

from django.conf import settings

from annotation.lazy_text import LazyText as _
from annotation.models import Project
from learner.engine.features.encoders import ENCODERS
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options

NOT_LOADED = _("The encoder of this server cannot be loaded (its log says why): Margin goes on without it.")


def effective_feature_set_and_reason(project: Project) -> tuple[str, str]:
    """Return the feature set to make and, where it is not the one asked for, why."""
    asked, learner = loop_options(project).features, TASK_PROFILES[project.task_type]
    if asked != "encoder":
        return (learner.content.automatic if asked == "auto" else asked), ""
    model, why = configured_encoder_and_reason(learner.content.encoder)
    return (learner.content.automatic if why else f"{learner.content.encoder}:{model}"), why


def configured_encoder_and_reason(kind: str) -> tuple[str, str]:
    """Return the model that the operators named for a kind of encoder and, where it cannot be had, why."""
    model = settings.ENCODERS[kind]
    return model, ENCODERS[kind].missing_reason(model)
