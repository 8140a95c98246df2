"""What labels of before are called now: for answers, files and predictions that still name them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from annotation.errors import InvalidValue, LabelGone
from annotation.models import LabelChange, Project
from annotation.tasktypes import AnswerContext, label_names_in, rename_labels


def follow_renames(changes: Iterable[LabelChange]) -> dict[str, str]:
    """Return what names became by changes in their order, each followed through those after it."""
    names: dict[str, str] = {}
    for change in changes:
        [new] = change.into
        names = {old: new if now == change.label else now for old, now in names.items()}
        names[change.label] = new
    return names


def replaced_names(project: Project) -> dict[str, str]:
    """Return {name of before: name of now} of names that no label of the project has now; two queries at most."""
    names = follow_renames(LabelChange.objects.filter(project=project).exclude(kind=LabelChange.Kind.SPLIT))
    taken = set(project.labels.values_list("name", flat=True)) if names else set()
    return {old: new for old, new in names.items() if old not in taken}


def clean_under_old_names(
    project: Project, value: object, context: AnswerContext, error: InvalidValue
) -> dict[str, Any]:
    """Return the canonical form of an answer given before labels changed, which `error` refused.

    Raises LabelGone where it names a label that was split, else the error that it was refused with.
    """
    kind, names = project.kind, replaced_names(project)
    splits = LabelChange.objects.filter(project=project, kind=LabelChange.Kind.SPLIT)
    into: dict[str, list[str]] = dict(splits.values_list("label", "into"))
    once = [*context.labels, *names, *into]  # all labels that there are and were
    try:
        found = rename_labels(kind.answer, kind.answer.clean(value, replace(context, labels=once)), names)
        if gone := next((name for name in label_names_in(found) if name in into and name not in context.labels), None):
            raise _split_label_error(gone, into[gone])
        return kind.answer.clean(found, context)
    except InvalidValue as problem:
        raise problem if isinstance(problem, LabelGone) else error from None


def _split_label_error(label: str, into: list[str]) -> LabelGone:
    message = gettext("“%(label)s” was split meanwhile: answer this item again, with one of %(names)s.")
    details = {"part": "value", "label": label, "into": into}
    return LabelGone(message % {"label": label, "names": ", ".join(into)}, details)
