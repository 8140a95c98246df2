"""The rows and columns of an export, read a block of items at a time.

Rows are plain tuples: a model instance costs more than everything else about a row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext

from annotation import jobs
from annotation.errors import InvalidRequest
from annotation.exports.column_order import record_columns_in_order
from annotation.formats.column_inference import EXCLUSION_REASON, RAW_CELLS
from annotation.models import Annotation, Item, Outcome, Project, Reason, User
from annotation.tasktypes import FIELDS, TaskType

BLOCK_ROWS = 1000  # items read at once
ANSWER_CHOICES = ("gold", "all")
PREVIEW_ITEMS = 50
PROVENANCE = (
    "label", EXCLUSION_REASON, "item", "value", "outcome", "annotator", "answered_at", "seconds", "active_seconds",
    "reason", "probability", "score", "round", "suggestion", "suggestion_shown", "suggestion_changed", "mark", "split",
    "source", "answers", "agreement",
)  # fmt: skip
NO_ANSWER = dict.fromkeys(PROVENANCE)


class ItemRow(NamedTuple):
    pk: int
    position: int
    external_id: str
    content: dict[str, Any]
    meta: dict[str, Any]
    export_only: dict[str, Any]
    split: str


class AnswerRow(NamedTuple):
    item_id: int
    user_id: int
    created_at: datetime
    outcome: str
    value: dict[str, Any] | None
    exclusion_reason: str | None
    duration_seconds: float | None
    active_seconds: float | None
    reason: str
    probability: float | None
    score: float | None
    round: int | None
    suggestion: dict[str, Any] | None
    suggestion_shown: bool
    suggestion_changed: bool | None
    mark: str | None


@dataclass(frozen=True)
class Filters:
    """What an export holds."""

    answers: str = "gold"
    unlabelled: bool = False
    raw: bool = False  # texts of tables as they are, formulas too

    @classmethod
    def clean(cls, given: object) -> "Filters":
        """Check {answers?, unlabelled?, raw?}; raises InvalidRequest."""
        if not isinstance(given, Mapping) or set(given) - {"answers", "unlabelled", "raw"}:
            raise InvalidRequest(gettext("filters is an object with answers (final or all), unlabelled and raw."))
        filters = cls(given.get("answers", "gold"), given.get("unlabelled", False), given.get("raw", False))
        if filters.answers not in ANSWER_CHOICES:
            raise InvalidRequest(gettext("answers is gold (one row an item) or all (one row an annotation)."))
        if not isinstance(filters.unlabelled, bool):
            raise InvalidRequest(gettext("unlabelled is true or false."))
        if not isinstance(filters.raw, bool):
            raise InvalidRequest(gettext("raw is true or false."))
        return filters


@dataclass(frozen=True)
class Column:
    """A column of the file: content, meta or hidden column `key` of an item, or provenance."""

    name: str
    source: str
    key: str


class Table:
    """The rows of a project's export. Only items that were there when it was made."""

    def __init__(self, project: Project, filters: Filters) -> None:
        self._project = project
        self._filters = filters
        self._upto = Project.objects.values_list("item_count", flat=True).get(pk=project.pk)
        self._users_by_pk: dict[int, tuple[str, bool]] = {}

    def _items(self) -> QuerySet[Item]:
        rows = Item.objects.filter(project=self._project, position__lt=self._upto).order_by("position")
        if self._filters.unlabelled:
            return rows
        if self._filters.answers == "gold":
            return rows.labelled()
        return rows.filter(Exists(Annotation.objects.live().filter(item=OuterRef("pk"))))

    def _annotations(self) -> QuerySet[Annotation]:
        rows = Annotation.objects
        return rows.answers() if self._filters.answers == "gold" else rows.live()

    def count_rows(self) -> int:
        """Return how many rows there will be, give or take what people answer meanwhile."""
        if self._filters.answers == "gold":
            return self._items().count()
        rows = self._annotations().filter(project=self._project)
        bare = (
            self._items().exclude(Exists(rows.filter(item=OuterRef("pk")))).count() if self._filters.unlabelled else 0
        )
        return rows.count() + bare

    def read_columns(self, max_rows: int | None = None, progress: jobs.ProgressReporter | None = None) -> list[Column]:
        """Return the columns that the items have; reads all of them, or the first `max_rows`."""
        first = (*self._project.kind.content.keys, *record_columns_in_order(self._project))
        content: dict[str, None] = dict.fromkeys(first)
        meta: dict[str, None] = {}
        hidden: dict[str, None] = {}
        rows = self._items()[:max_rows] if max_rows else self._items()
        for block in _item_blocks(rows, max_rows):
            for item in block:
                parts = ((content, _content_by_column(item)), (meta, item.meta), (hidden, item.export_only))
                for names, part in parts:
                    if not part.keys() <= names.keys():
                        names.update(dict.fromkeys(part))
            if progress:
                progress()
        columns = [Column("external_id", "item", "external_id")]
        provenance = self._provenance_columns()
        ours = {"external_id", *provenance}
        plain = [name for name in content if name not in ours]
        exported_as = {column.key: column.exported_as for column in self._project.kind.content.columns}
        for name in plain:
            other = exported_as.get(name, "")
            columns.append(Column(other if other and other not in content else name, "content", name))
        columns += [Column(name, "answer", name) for name in provenance]
        taken = {RAW_CELLS, *(column.name for column in columns)}
        clashing = dict.fromkeys(name for name in content if name in ours)
        for source, keys in (("content", clashing), ("meta", meta), ("hidden", hidden)):
            for key in keys:
                # beside a record's own columns, and when it comes back, one of these must not be taken for one of them
                name = f"{source}.{key}" if source != "content" and self._project.kind.content.has_fields else key
                while name in taken:
                    name = f"{source}.{name}"
                taken.add(name)
                columns.append(Column(name, source, key))
        return columns

    def _provenance_columns(self) -> list[str]:
        """Return what is told of an answer; reasons for exclusion only where there are some to give."""
        has_reasons = self._project.goal.finds_all or self._project.settings.get("exclusion_reasons")
        return [name for name in PROVENANCE if has_reasons or name != EXCLUSION_REASON]

    def read_records(self, columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
        """Yield the rows, in the order of the items."""
        for items in _item_blocks(self._items()):
            answers: dict[int, list[AnswerRow]] = {}
            found = self._annotations().filter(item__in=[item.pk for item in items])
            for answer in map(AnswerRow._make, found.order_by("pk").values_list(*AnswerRow._fields)):
                answers.setdefault(answer.item_id, []).append(answer)
            self._cache_usernames(answers.values())
            for item in items:
                yield from self._item_records(item, answers.get(item.pk, []), columns)

    def _cache_usernames(self, answers: Iterable[list[AnswerRow]]) -> None:
        unknown = {answer.user_id for rows in answers for answer in rows} - self._users_by_pk.keys()
        if unknown:
            rows = User.objects.filter(pk__in=unknown).values_list("pk", "username", "is_machine")
            self._users_by_pk.update({pk: (name, machine) for pk, name, machine in rows})

    def _item_records(
        self, item: ItemRow, answers: list[AnswerRow], columns: Sequence[Column]
    ) -> Iterator[dict[str, Any]]:
        base = _item_cells(item, columns)
        given = [answer for answer in answers if answer.outcome == Outcome.LABEL]
        base["answers"] = len(given)
        base["agreement"] = self._mean_agreement(given)
        if self._filters.answers == "gold":
            gold = gold_answer(self._project.kind, given)
            answers = [gold] if gold else []
        if not answers:
            if self._filters.unlabelled:
                yield base
            return
        for answer in answers:
            yield {**base, **self._answer_cells(answer)}

    def _mean_agreement(self, given: Sequence[AnswerRow]) -> float | None:
        """The mean agreement of two of the answers; None when there are not two."""
        if len(given) < 2:
            return None
        distance = self._project.kind.answer.distance
        pairs = [1 - distance(a.value, b.value) for a, b in combinations(given, 2)]  # type: ignore[arg-type]
        return round(sum(pairs) / len(pairs), 4)

    def _answer_cells(self, answer: AnswerRow) -> dict[str, Any]:
        name, machine = self._users_by_pk.get(answer.user_id, ("", False))
        value = answer.value
        return {
            "label": self._project.kind.answer.to_cell(value) if value is not None else None,
            EXCLUSION_REASON: answer.exclusion_reason,
            "value": value,
            "outcome": answer.outcome,
            "annotator": name,
            "answered_at": answer.created_at.isoformat(),
            "seconds": answer.duration_seconds,
            "active_seconds": answer.active_seconds,
            "reason": answer.reason,
            "probability": answer.probability,
            "score": answer.score,
            "round": answer.round,
            "suggestion": answer.suggestion,
            "suggestion_shown": answer.suggestion_shown,
            "suggestion_changed": answer.suggestion_changed,
            "mark": answer.mark,
            "source": "imported" if machine or answer.reason == Reason.IMPORTED else "human",
        }


def _item_cells(item: ItemRow, columns: Sequence[Column]) -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = {
        "content": _content_by_column(item),
        "meta": item.meta,
        "hidden": item.export_only,
        "item": {"external_id": item.external_id},
        "answer": NO_ANSWER,
    }
    row = {column.name: parts[column.source][column.key] for column in columns if column.key in parts[column.source]}
    row["item"], row["split"] = item.pk, item.split
    return row


def _content_by_column(item: ItemRow) -> dict[str, Any]:
    """Return the content by column: its fields, if it has some, beside its other keys."""
    fields = item.content.get(FIELDS)
    if not isinstance(fields, dict):
        return item.content
    return {**fields, **{key: value for key, value in item.content.items() if key != FIELDS}}


def gold_answer(task_type: TaskType, given: Sequence[AnswerRow]) -> AnswerRow | None:
    """Return the first annotation with the value that most have; of equally many, the value given first.

    Of numbers of a scale, the one that is nearest to their median.
    """
    if len(given) < 2:
        return given[0] if given else None
    targets = [task_type.answer.target(answer.value or {}) for answer in given]
    return given[task_type.answer.representative(targets)]


def _item_blocks(rows: QuerySet[Item], max_rows: int | None = None) -> Iterator[list[ItemRow]]:
    """Yield the items in order of position, a block at a time."""
    plain = rows.values_list(*ItemRow._fields)
    if max_rows is not None:
        yield list(map(ItemRow._make, plain))
        return
    last = -1
    while block := list(map(ItemRow._make, plain.filter(position__gt=last)[:BLOCK_ROWS])):
        yield block
        last = block[-1].position
