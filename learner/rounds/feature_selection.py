"""Which features a project wants, and which it gets where the encoder cannot be had."""

from pathlib import Path

from django.conf import settings

from annotation.lazy_text import LazyText as _
from annotation.models import Project
from learner.engine import column_kinds
from learner.engine.features.encoders import ENCODERS
from learner.engine.features.encoders.encoder_library import EncoderLibrary
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options

NOT_LOADED = _("The encoder of this server cannot be loaded (its log says why): Margin goes on without it.")

ENCODERS_FOLDER = "encoders"  # in the media storage


def effective_feature_set_and_reason(project: Project) -> tuple[str, str]:
    """Return the feature set to make and, where it is not the one asked for, why."""
    asked, content = loop_options(project).features, TASK_PROFILES[project.task_type].content
    if asked == "auto":
        return _automatic_feature_set(project), ""
    if asked != "encoder":
        return asked, ""
    model, why = named_or_added_encoder_and_reason(content.encoder)
    return (content.automatic if why else f"{content.encoder}:{model}"), why


def encoder_library() -> EncoderLibrary:
    """The encoders that the operators have added."""
    return EncoderLibrary(Path(settings.MEDIA_ROOT) / ENCODERS_FOLDER)


def _automatic_feature_set(project: Project) -> str:
    """Return what "auto" stands for.

    Of a table, with the kinds of columns that a lead has set; of what an encoder reads, with the columns of the one
    beside it that the operators have added.
    """
    learner = TASK_PROFILES[project.task_type]
    automatic, kind = learner.content.automatic, learner.content.encoder
    if automatic == column_kinds.TABLE_FEATURES:
        return column_kinds.feature_set_name(column_kinds.parse_column_kinds(loop_options(project).column_kinds))
    if "encoder" not in learner.content.features or learner.answers.estimator_reads != "features":
        return automatic
    added = encoder_library().in_use(kind)
    if added is None or ENCODERS[kind].missing_reason(str(added)):
        return automatic
    return f"{automatic}+{kind}:{added}"


def named_or_added_encoder_and_reason(kind: str) -> tuple[str, str]:
    """Return the model that the setting names, else the one that was added and, where none can be had, why."""
    added = encoder_library().in_use(kind)
    if added is None or settings.ENCODERS[kind]:
        return configured_encoder_and_reason(kind)
    return str(added), ENCODERS[kind].missing_reason(str(added))


def configured_encoder_and_reason(kind: str) -> tuple[str, str]:
    """Return the model that the setting of a kind of encoder names and, where it cannot be had, why."""
    model = settings.ENCODERS[kind]
    return model, ENCODERS[kind].missing_reason(model)
