"""Create, change, pause and delete projects."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotation.database.plain_sql import execute_update
from annotation.errors import InvalidRequest, InvalidSetting
from annotation.events.recording import record_event
from annotation.imports import image_storage
from annotation.labels.label_set import set_labels
from annotation.models import Annotation, EventKind, Export, Import, Item, Label, Membership, Project, Role, Split, User
from annotation.project_settings.groups import all_settings, clean_settings
from annotation.project_settings.setting_types import LabelSetting
from annotation.signals import labels_changed
from annotation.tasktypes import TASK_TYPES


def create_project(
    user: User,
    name: str,
    task_type: str,
    labels: Sequence[Mapping[str, Any]] = (),
    guidelines: str = "",
    settings: Mapping[str, Any] | None = None,
    *,
    allow_similar_labels: bool = False,
) -> Project:
    """Make a project whose lead is the user; labels are mappings of name, key?, color?, description?.

    Without labels it has those that an upload brings.
    """
    if task_type not in TASK_TYPES:
        message = _("There is no task type “%(name)s”.") % {"name": task_type}
        raise InvalidRequest(message, {"field": "task_type", "known": sorted(TASK_TYPES)})
    cleaned = clean_settings(settings or {}, task_type)
    with transaction.atomic():
        project = Project.objects.create(
            name=_clean_project_name(name),
            task_type=task_type,
            guidelines=guidelines,
            settings=cleaned,
            created_by=user,
        )
        project.kind.answer.check()
        Membership.objects.create(project=project, user=user, role=Role.LEAD)
        set_labels(project, labels, allow_similar=allow_similar_labels)
        _check_label_settings(project, set(cleaned))
        details = {"task_type": task_type, "settings": cleaned, "labels": _label_states(project)}
        record_event(EventKind.PROJECT_CREATED, project=project, by=user, subject=project.name, details=details)
    return project


def update_project(
    project: Project,
    *,
    name: str | None = None,
    guidelines: str | None = None,
    settings: Mapping[str, Any] | None = None,
    labels: Sequence[Mapping[str, Any]] | None = None,
    allow_similar_labels: bool = False,
) -> Project:
    """Change what is given. Settings are merged; labels are the whole set, except that retired ones may be left out.

    Raises Conflict when a label that has answers would be lost, InvalidSetting when a changed setting names no label.
    """
    changed: set[str] = set()
    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=project.pk)
        before = _audited_fields(project)
        if name is not None:
            project.name = _clean_project_name(name)
        if guidelines is not None:
            project.guidelines = guidelines
        if settings is not None:
            merged = {**project.settings, **clean_settings(settings, project.task_type)}
            changed = {name for name, value in merged.items() if value != project.settings.get(name)}
            project.settings = merged
            project.kind.answer.check()
        project.save(update_fields=["name", "guidelines", "settings"])
        if labels is not None:
            set_labels(project, labels, allow_similar=allow_similar_labels)
        _check_label_settings(project, changed)
        _record_changes(project, before)
        if labels is not None or settings is not None:
            transaction.on_commit(lambda: labels_changed.send(sender=Project, project_id=project.pk))
    return project


def _audited_fields(project: Project) -> dict[str, Any]:
    """Return what the audit log says of a project, by name; of guidelines only that they changed."""
    return {
        "name": project.name,
        "guidelines": hash(project.guidelines),
        "labels": _label_states(project),
        **{f"settings.{name}": value for name, value in project.settings.items()},
    }


def _label_states(project: Project) -> dict[str, str]:
    rows = Label.objects.filter(project=project).order_by("order", "pk")
    return {label.name: "retired" if label.retired_at else "in use" for label in rows}


def _record_changes(project: Project, before: Mapping[str, Any]) -> None:
    after = _audited_fields(project)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    details = {name: [before.get(name), after.get(name)] for name in changed if name != "guidelines"}
    if "guidelines" in changed:
        details["guidelines"] = ["changed"]
    if changed:
        record_event(EventKind.PROJECT_CHANGED, project=project, subject=project.name, details=details)


PAUSED_BY_LEAD = gettext_noop("A lead has stopped the handing out.")


def pause_project(project: Project, reason: str = PAUSED_BY_LEAD) -> None:
    """Hand out nothing new from now on; what is in hand may be answered. `reason` is a marked sentence.

    A pause that stands keeps its time and reason.
    """
    with transaction.atomic():
        still = Project.objects.filter(pk=project.pk, paused_at=None)
        if still.update(paused_at=timezone.now(), paused_reason=reason):
            record_event(EventKind.PROJECT_PAUSED, project=project, details={"reason": str(reason)})
    project.refresh_from_db(fields=["paused_at", "paused_reason"])


def resume_project(project: Project) -> None:
    """Hand out again."""
    with transaction.atomic():
        paused = Project.objects.filter(pk=project.pk, paused_at__isnull=False)
        if paused.update(paused_at=None, paused_reason=""):
            record_event(EventKind.PROJECT_RESUMED, project=project)
    project.refresh_from_db(fields=["paused_at", "paused_reason"])


def _check_label_settings(project: Project, names: Set[str]) -> None:
    """Refuse settings that name no label; one that named a label before it went is left, and then means none."""
    for setting in all_settings().values():
        if not isinstance(setting, LabelSetting) or setting.name not in names:
            continue
        value = project.settings.get(setting.name, setting.default)
        if value is not None and project.resolve_label(value) is None:
            message = _("There is no label “%(label)s” that can be given.") % {"label": value}
            raise InvalidSetting(message, {"setting": setting.name})


def _clean_project_name(name: str) -> str:
    if not (name := name.strip()):
        raise InvalidRequest(_("A project needs a name."), {"field": "name"})
    return name


# Counts


def labelled_counts_by_project(projects: Sequence[Project]) -> dict[int, int]:
    """Return the number of items with an answer, by project; one query."""
    # naming all splits lets the index (project, split, answers) find the labelled ones alone
    items = Item.objects.filter(project__in=projects, split__in=Split.values).labelled().order_by()
    counts = dict(items.values_list("project").annotate(Count("pk")))
    return {project.pk: counts.get(project.pk, 0) for project in projects}


def item_counts_by_project(projects: Sequence[Project]) -> dict[int, dict[str, int]]:
    """Return items, labelled, test and test_labelled of each project; two queries for any number of projects."""
    counts = {p.pk: {"items": p.item_count, "labelled": 0, "test": 0, "test_labelled": 0} for p in projects}
    items = Item.objects.filter(project__in=counts).order_by()
    # naming all splits lets the index (project, split, answers) find the labelled ones alone
    labelled = items.labelled().filter(split__in=Split.values).values_list("project", "split").annotate(Count("pk"))
    for pk, split, number in labelled:
        counts[pk]["labelled"] += number
        if split == Split.TEST:
            counts[pk]["test_labelled"] = number
    for pk, number in items.filter(split=Split.TEST).values_list("project").annotate(Count("pk")):
        counts[pk]["test"] = number
    return counts


def delete_project(project: Project) -> None:
    """Delete a project, all that belongs to it, and its files, without loading its rows into memory."""
    files = [run.file for model in (Import, Export) for run in model.objects.filter(project=project) if run.file]
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        number = project.pk
        details = {"items": project.item_count, "task_type": project.task_type}
        record_event(EventKind.PROJECT_DELETED, project=project, subject=project.name, details=details)
        Annotation.objects.filter(project=project).update(supersedes=None)  # rows of one project protect each other
        # the ORM would load these rows, to look for others that go with them
        execute_update("DELETE FROM annotation_annotation WHERE project_id = %s", [number])
        project.assignments.all().delete()
        project.queue.all().delete()
        execute_update("DELETE FROM annotation_item WHERE project_id = %s", [number])
        project.delete()
        transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files if file.name])
        transaction.on_commit(lambda: image_storage.delete_project_images(number))
