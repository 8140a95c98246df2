"""The labels of a project as a column of answers meets them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from annotation.errors import InvalidValue
from annotation.imports.row_cells import RowRefused
from annotation.labels.label_set import MAX_NAME_CHARACTERS, default_keys, find_similar_name
from annotation.labels.renamed_labels import replaced_names
from annotation.models import Label, Project
from annotation.tasktypes import AnswerContext, rename_labels
from annotation.text.label_text import canonical_name, invisible_character

MAX_COLUMN_LABELS = 200  # in a project whose labels come from a column: more is a column of something else


class ColumnLabels:
    """Reads answers; makes new labels where that is wanted."""

    def __init__(self, project: Project, *, create: bool, decimal_comma: bool = False) -> None:
        self._project = project
        self._create = create
        self._decimal_comma = decimal_comma
        labels = list(project.labels.all())
        self._names = [label.name for label in labels if label.retired_at is None]
        self._outdated: dict[str, str] | None = None
        self._retired = {label.name for label in labels if label.retired_at is not None}
        self._keys = {label.key for label in labels}
        self._order = max((label.order for label in labels), default=-1)
        self._values: dict[tuple[str, str], dict[str, Any] | RowRefused] = {}
        self.new: list[Label] = []
        label_to_find = project.label_to_find
        self.value_to_find = None if label_to_find is None else project.kind.answer.value(label_to_find)

    def answer_in_cell(self, text: str, content: str) -> dict[str, Any]:
        """Return the answer in a cell about a content (JSON); raises RowRefused, which names the labels there are."""
        seen = (text, content if self._project.kind.answer.reads_content else "")
        value = self._values.get(seen)
        if value is None:
            value = self._values[seen] = self._read_answer(*seen)
        if isinstance(value, RowRefused):
            raise value
        return value

    def answer_without_new_labels(self, text: str, content: str) -> dict[str, Any] | None:
        """Return the answer in a cell if it names labels that are there; makes none."""
        try:
            return self._project.kind.answer.from_cell(text, self._context_of(content))
        except InvalidValue:
            return None

    def _context_of(self, content: str) -> AnswerContext:
        item = json.loads(content) if content else None
        return AnswerContext(self._names, item, self._project.settings, self._decimal_comma)

    def _read_answer(self, text: str, content: str) -> "dict[str, Any] | RowRefused":
        """Return the value of a cell, or why it is refused; a label that is new is added where the mapping says so."""
        kind, context = self._project.kind, self._context_of(content)
        try:
            return kind.answer.from_cell(text, context)
        except InvalidValue as error:
            if (value := self._answer_of_older_form(text, context)) is not None:
                return value
            new = [name for name in map(canonical_name, kind.answer.labels_in_cell(text)) if name not in self._names]
            if not self._create or not new or self._retired.intersection(new):
                return RowRefused(error.message)
        if len(self._names) + len(new) > MAX_COLUMN_LABELS:
            return RowRefused(
                f"The project has {MAX_COLUMN_LABELS} labels already: is that really the column of the label?"
            )
        if refused := self._refusal_of_new_labels(new):
            return refused
        try:
            value = kind.answer.from_cell(text, replace(context, labels=[*self._names, *new]))
        except InvalidValue as error:
            return RowRefused(error.message)
        for name in new:
            self._add_label(name)
        return value

    def _refusal_of_new_labels(self, new: Sequence[str]) -> RowRefused | None:
        """Return why one of these names cannot become a label's; None where they all can."""
        if max(map(len, new)) > MAX_NAME_CHARACTERS:
            return RowRefused(
                f"The label is longer than {MAX_NAME_CHARACTERS} characters: is that really the column of the label?"
            )
        for index, name in enumerate(new):
            if character := invisible_character(name):
                return RowRefused(f"The label {name!r} has a character that nobody can see ({character}).")
            if other := find_similar_name(name, [*self._names, *self._retired, *new[:index]]):
                reason = f"The label {name!r} looks like {other!r}."
                return RowRefused(f"{reason} If both are meant, add it in the project's settings first.")
        return None

    def _answer_of_older_form(self, text: str, context: AnswerContext) -> dict[str, Any] | None:
        """Return the answer in a cell that is older than the labels' names; None where it is not that."""
        if self._outdated is None:
            self._outdated = replaced_names(self._project)
        kind, names = self._project.kind, self._outdated
        try:
            value = kind.answer.from_cell(text, replace(context, labels=[*self._names, *names])) if names else None
            return None if value is None else kind.answer.clean(rename_labels(kind.answer, value, names), context)
        except InvalidValue:
            return None

    def _add_label(self, name: str) -> None:
        key = next((key for key in default_keys(self._project.kind) if key not in self._keys), "")
        self._keys.add(key)
        self._order += 1
        self._names.append(name)
        self.new.append(Label(project=self._project, name=name, key=key, order=self._order))
