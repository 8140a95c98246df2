"""A stamp of what the annotate screen shows of a project beside its items, so that open pages learn of a change."""

import hashlib
import json
from collections.abc import Iterable

from annotation.models import Label, Project


def project_version(project: Project, labels: Iterable[Label]) -> str:
    """Return a text that is another one when guidelines, settings or one of all its labels have changed.

    It is the same for everybody, in every language.
    """
    shown = [
        (label.pk, label.name, label.key, label.color, label.description, label.retired_at is not None)
        for label in labels
    ]
    content = json.dumps([project.guidelines, project.settings, shown], sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
