"""A project's label set: checked and saved as a whole.

A label is its name: that is what answers store. So a label with answers can be retired here, which keeps
its answers and takes its button away, but neither renamed nor removed: see `label_changes`.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from annotation.errors import Conflict, InvalidRequest, InvalidValue, SimilarLabels
from annotation.i18n import translate
from annotation.models import Annotation, Label, Project
from annotation.tasktypes import AnswerContext, TaskType, label_names_in
from annotation.text.label_text import canonical_name, comparison_key, invisible_character

PALETTE = tuple(f"label-{number}" for number in range(1, 9))  # tokens of static/css/tokens.css
DEFAULT_KEYS = "1234567890"
COLOR = re.compile(r"label-[1-8]|#[0-9a-f]{6}")
MAX_LABELS = 500
MAX_NAME_CHARACTERS = 120
LABEL_FIELDS = ("key", "color", "description", "order", "retired_at")


@dataclass(frozen=True)
class LabelSpec:
    """One label as a person asks for it; None leaves what is there, or takes the default."""

    name: str
    key: str | None = None
    color: str | None = None
    description: str | None = None
    retired: bool = False

    @classmethod
    def read(cls, label_data: Mapping[str, Any], existing: Collection[str] = ()) -> "LabelSpec":
        """Check one label by itself; raises InvalidRequest that says what is wrong with it.

        Names that exist are taken as they are: they may be older than the rules.
        """
        name = str(label_data.get("name") or "").strip()
        if name not in existing:
            name = clean_label_name(name)
        key, color, description = (label_data.get(part) for part in ("key", "color", "description"))
        spec = cls(
            name=name,
            key=None if key is None else str(key).strip().lower(),
            color=str(color).lower() if color else None,
            description=None if description is None else str(description).strip()[:500],
            retired=bool(label_data.get("retired", False)),
        )
        spec._check_key_and_color()
        return spec

    def _check_key_and_color(self) -> None:
        where = {"field": "labels", "label": self.name}
        if self.key and (len(self.key) != 1 or not self.key.isprintable()):
            raise InvalidRequest(_("The key of “%(name)s” must be a single character.") % {"name": self.name}, where)
        if self.color and not COLOR.fullmatch(self.color):
            message = _("The colour of “%(name)s” must be label-1 to label-8, or of the form #a1b2c3.")
            raise InvalidRequest(message % {"name": self.name}, where)


def clean_label_name(name: str) -> str:
    """Return a label's name in its canonical form; raises InvalidRequest that says what is wrong with it."""
    name = canonical_name(name)
    where = {"field": "labels", "label": name}
    if not name:
        raise InvalidRequest(_("Every label needs a name."), {"field": "labels"})
    if len(name) > MAX_NAME_CHARACTERS:
        message = _("A label's name has at most %(count)d characters.") % {"count": MAX_NAME_CHARACTERS}
        raise InvalidRequest(message, where)
    if character := invisible_character(name):
        shown = "".join(one if one.isprintable() else "␣" for one in name)
        message = _("The label “%(name)s” has a character that nobody can see (%(character)s): write it without.")
        raise InvalidRequest(message % {"name": shown, "character": character}, where)
    return name


def find_similar_name(name: str, names: Iterable[str]) -> str | None:
    """Return one of the names that people take for this one, though it is another."""
    key = comparison_key(name)
    return next((other for other in names if other != name and comparison_key(other) == key), None)


def set_labels(
    project: Project,
    label_data: Sequence[Mapping[str, Any]],
    dropped_labels: Set[str] = frozenset(),
    *,
    allow_similar: bool = False,
) -> None:
    """Make the label set what is given, in that order; three queries however many labels there are.

    Labels that were given up may go though they have answers: whoever gives them up sees to those.
    A project with answers keeps one that can be given; one whose labels follow a rule has those where none are given.
    Raises SimilarLabels where a new name looks like another, unless that is allowed.
    """
    if not project.kind.answer.has_labels:
        _refuse_labels_of_numbers(label_data)
        return
    existing = {label.name: label for label in project.labels.all()}
    specs = _read_labels(label_data or _built_in_label_data(project.kind), existing)
    _refuse_unreadable_labels(project, specs)
    gone = [
        row for row in existing.values() if row.name not in specs and (not row.retired_at or row.name in dropped_labels)
    ]
    if not allow_similar:
        gone_names = {row.name for row in gone}
        _refuse_similar_names(specs, [name for name in existing if name not in gone_names])
    if gone:
        _refuse_losing_answers(project, [label.name for label in gone if label.name not in dropped_labels])
        Label.objects.filter(pk__in=[label.pk for label in gone]).delete()
    if all(spec.retired for spec in specs.values()):
        _refuse_no_active_labels(project)
    rows = _label_rows(project, specs, existing)
    _check_keys(rows, project.kind)
    Label.objects.bulk_update([row for row in rows if row.pk], LABEL_FIELDS)
    Label.objects.bulk_create([row for row in rows if not row.pk])


def built_in_labels(task_type: TaskType) -> list[Label]:
    """Return the labels, kept nowhere, that a project of the task type has where none are given."""
    return _label_rows(Project(task_type=task_type.name), _read_labels(_built_in_label_data(task_type), ()), {})


def _built_in_label_data(task_type: TaskType) -> list[dict[str, str]]:
    return [{"name": name} for name in task_type.built_in_labels]


def _label_rows(project: Project, specs: Mapping[str, LabelSpec], existing: Mapping[str, Label]) -> list[Label]:
    """Return the labels in the order of their specs, with keys and colours where none are named."""
    rows = [_copy_spec(spec, existing.get(spec.name) or Label(project=project)) for spec in specs.values()]
    for order, row in enumerate(rows):
        row.order = order
    new = {name: spec for name, spec in specs.items() if name not in existing}
    _assign_default_keys_and_colors(rows, new, default_keys(project.kind))
    return rows


def _refuse_labels_of_numbers(label_data: Sequence[Mapping[str, Any]]) -> None:
    if label_data:
        message = _("The answers of this project are numbers: it has a lowest and a highest one, and no labels.")
        raise InvalidRequest(message, {"field": "labels"})


def default_keys(task_type: TaskType) -> str:
    """Return the keys that labels have where none are named, in their order.

    >>> from annotation.tasktypes import TASK_TYPES
    >>> default_keys(TASK_TYPES["boxes"])
    '123456789'
    """
    return "".join(key for key in DEFAULT_KEYS if key not in task_type.reserved_keys)


def _read_labels(label_data: Sequence[Mapping[str, Any]], existing: Collection[str]) -> dict[str, LabelSpec]:
    if len(label_data) > MAX_LABELS:
        message = _("A project has at most %(count)d labels.") % {"count": MAX_LABELS}
        raise InvalidRequest(message, {"field": "labels"})
    specs: dict[str, LabelSpec] = {}
    for spec in (LabelSpec.read(data, existing) for data in label_data):
        if spec.name in specs:
            message = _("Two labels have the name “%(name)s”.") % {"name": spec.name}
            raise InvalidRequest(message, {"field": "labels", "label": spec.name})
        specs[spec.name] = spec
    return specs


def _refuse_similar_names(specs: Iterable[str], existing: Sequence[str]) -> None:
    """Ask about new names; those that exist stand beside each other as they do."""
    first: dict[str, str] = {}
    old = frozenset(existing)
    for name in [*existing, *specs]:
        other = first.setdefault(comparison_key(name), name)
        if other != name and name not in old:
            raise similar_labels_error(name, other)


def similar_labels_error(name: str, other: str) -> SimilarLabels:
    """Return the question whether two labels are meant that look alike."""
    message = _("“%(name)s” and “%(other)s” look alike. Are they really two different labels?")
    details = {"field": "labels", "label": name, "other": other, "confirm": "allow_similar_labels"}
    return SimilarLabels(message % {"name": name, "other": other}, details)


def _refuse_unreadable_labels(project: Project, names: Iterable[str]) -> None:
    """Refuse labels that are no answers, such as words on a scale of numbers, where the task type has a rule."""
    if not project.kind.built_in_labels:
        return
    kind = project.kind
    for name in names:
        try:
            read = kind.answer.target(kind.answer.from_cell(name, AnswerContext([name])))
        except InvalidValue:
            read = ""
        if read != name:
            message = _("“%(name)s” cannot be a label here; labels are such as: %(labels)s.")
            known = ", ".join(project.kind.built_in_labels)
            raise InvalidRequest(message % {"name": name, "labels": known}, {"field": "labels", "label": name})


def _refuse_losing_answers(project: Project, names: Sequence[str]) -> None:
    if names and (lost := sorted(set(names) & labels_in_use(project))):
        message = _(
            "These labels have answers and cannot be renamed or removed so: %(names)s. "
            "Retire them, or use “Change labels that have answers”."
        )
        raise Conflict(message % {"names": ", ".join(lost)}, {"field": "labels", "labels": lost})


def _refuse_no_active_labels(project: Project) -> None:
    if Annotation.objects.answers().filter(project=project).exists():
        message = _("A project that has answers needs at least one label that can be given.")
        raise InvalidRequest(message, {"field": "labels"})


def _copy_spec(spec: LabelSpec, label: Label) -> Label:
    """Write what the spec says into the label, and return it; it is not saved."""
    label.name = spec.name
    for part in ("key", "color", "description"):
        if (value := getattr(spec, part)) is not None:
            setattr(label, part, value)
    if spec.retired != (label.retired_at is not None):
        label.retired_at = timezone.now() if spec.retired else None
    return label


def _assign_default_keys_and_colors(rows: Sequence[Label], new: Mapping[str, LabelSpec], keys: str) -> None:
    """Give the next free of the keys to new labels that named none, and a palette colour to labels without any.

    Changes the rows; saves nothing.
    """
    used_keys = {row.key for row in rows if row.retired_at is None}
    free_keys = (key for key in keys if key not in used_keys)
    used_colors = {row.color for row in rows}
    free_colors = (color for color in PALETTE if color not in used_colors)
    for row in rows:
        if row.name in new and new[row.name].key is None:
            row.key = next(free_keys, "")
        row.color = row.color or next(free_colors, PALETTE[row.order % len(PALETTE)])


def _check_keys(rows: Sequence[Label], task_type: TaskType) -> None:
    """Raise InvalidRequest where two labels have the same key, or one has a key of the annotate screen."""
    reserved = task_type.reserved_keys
    seen: dict[str, str] = {}
    for row in rows:
        if not row.key or row.retired_at is not None:
            continue
        if row.key in reserved:
            message = _("“%(key)s” cannot be the key of “%(name)s”: on the annotate screen it %(does)s.")
            values = {"key": row.key, "name": row.name, "does": translate(reserved[row.key])}
            raise InvalidRequest(message % values, {"field": "labels", "label": row.name})
        if row.key in seen:
            message = _("“%(first)s” and “%(second)s” have the same key: %(key)s.")
            names = {"first": seen[row.key], "second": row.name, "key": row.key}
            raise InvalidRequest(message % names, {"field": "labels", "label": row.name})
        seen[row.key] = row.name


def labels_in_use(project: Project) -> set[str]:
    """Return the names of all labels that were ever given in the project, taken back or not."""
    values = Annotation.objects.filter(project=project, value__isnull=False).order_by()
    return {
        name for value in values.values_list("value", flat=True).distinct().iterator() for name in label_names_in(value)
    }
