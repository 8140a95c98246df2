"""Which estimator a project wants, and which it gets where a network cannot be had."""

from annotation.lazy_text import LazyText as _
from annotation.models import Project
from learner.engine.answer_profiles import NETWORK_ESTIMATOR_NAMES
from learner.engine.estimators import Model
from learner.engine.estimators.detection.detector_model import BoxesModel
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options
from learner.rounds.feature_selection import NOT_LOADED, configured_encoder_and_reason

NOT_NAMED = _("No image encoder is named on this server (MARGIN_IMAGE_ENCODER): Margin goes on without one.")


def effective_estimator_and_reason(project: Project) -> tuple[str, str]:
    """Return the name of the estimator to fit and, where it is not the one asked for, why."""
    asked = loop_options(project).estimator
    if asked not in NETWORK_ESTIMATOR_NAMES:
        return asked, ""
    model, why = configured_encoder_and_reason("image_encoder")
    why = why if model else NOT_NAMED  # one that was added has no feature maps
    return (TASK_PROFILES[project.task_type].answers.estimators[0] if why else f"{asked}:{model}"), why


def fallback_reason(project: Project, model: Model | None) -> str:
    """Return why a model was fitted by another estimator than the lead asked for; "" where it was not."""
    name, why = effective_estimator_and_reason(project)
    over = isinstance(model, BoxesModel) and model.detector.kind != "neural" and ":" in name
    return NOT_LOADED if over else why
