"""What a round says of itself where its estimator chose another than the round before."""

from collections.abc import Mapping
from typing import Any

from annotation.i18n import translate
from annotation.lazy_text import LazyText as _
from learner.engine.choice_descriptions import ESTIMATOR_DESCRIPTIONS


def switch_sentence(metrics: Mapping[str, Any]) -> str:
    """Return, in the reader's language, which estimator took another's place and by how much it is better; or ""."""
    chosen = metrics.get("choices", {}).get("auto", {})
    if "replaced" not in chosen:
        return ""
    return translate(
        _(
            "%(now)s took the place of %(before)s: its log loss on %(labels)d random labels, each predicted without "
            "having been seen, is %(loss)s instead of %(loss_before)s.",
            now=_estimator_title(chosen["value"]),
            before=_estimator_title(chosen["replaced"]),
            labels=chosen["random_labels"],
            loss=f"{chosen['log_loss']:.3f}",
            loss_before=f"{chosen['replaced_log_loss']:.3f}",
        )
    )


def _estimator_title(name: str) -> str:
    description = ESTIMATOR_DESCRIPTIONS.get(name)
    return name if description is None else description.title
