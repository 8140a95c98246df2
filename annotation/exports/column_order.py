"""The order of a table's columns: an item's content is JSON, which keeps none."""

from annotation.models import Import, JobStatus, Project
from annotation.tasktypes import FIELDS


def record_columns_in_order(project: Project) -> list[str]:
    """Return the columns of the project's records as its files had them; none where the task type has no columns."""
    if not project.kind.content.has_fields:
        return []
    mappings = Import.objects.filter(project=project).exclude(status=JobStatus.DRAFT).order_by("pk")
    files = mappings.values_list("mapping", flat=True)
    return list(dict.fromkeys(name for mapping in files for name in mapping.get(FIELDS) or ()))
