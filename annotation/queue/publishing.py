"""Publish a ranked queue: swap it for the old one in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from annotation.database.bulk_insert import insert_rows, to_database_value
from annotation.labels.renamed_labels import replaced_names
from annotation.models import Assignment, Item, Project, QueueEntry
from annotation.tasktypes import rename_labels
from annotation.tasktypes.label_ranking import LabelScores, rename_score_labels

ENTRY_FIELDS = ("project", "item", "slot", "rank", *QueueEntry.PROVENANCE)


@dataclass(frozen=True)
class Ranked:
    """One item of a queue to publish; its place in the sequence is its rank."""

    item: int
    reason: str
    score: float | None = None
    probability: float | None = None
    suggestion: dict[str, Any] | None = None
    suggestion_score: float | None = None
    label_scores: LabelScores | None = None


def publish_queue(project: Project, ranked: Sequence[Ranked], round_number: int | None) -> int:
    """Swap the queue for a new one in one transaction; return how many entries it has."""
    return replace_queue(project, build_entries(project, ranked, round_number))


def build_entries(project: Project, ranked: Sequence[Ranked], round_number: int | None) -> list[tuple[Any, ...]]:
    """Return the rows of a new queue, for `replace_queue`; items answered or in hand by now are left out.

    Apart from the swap, because nobody can lease or answer while a transaction writes to SQLite.
    What is answered or taken between the two stays in the queue, where `lease` passes it over.
    """
    overlap = project.options.overlap
    names = replaced_names(project)  # a label may have been renamed since the model learnt
    ids = [row.item for row in ranked]
    open_items = set(Item.objects.filter(project=project, pk__in=ids).open(overlap).values_list("pk", flat=True))
    taken = set(Assignment.objects.taken().filter(item__in=ids).values_list("item_id", "slot"))
    first: dict[tuple[int, int], tuple[Any, ...]] = {}
    for rank, row in enumerate(ranked):
        chosen = (row.reason, row.score, row.probability, round_number)
        suggestion = (
            rename_labels(project.kind.answer, row.suggestion, names) if names and row.suggestion else row.suggestion
        )
        scores = rename_score_labels(row.label_scores, names) if names and row.label_scores else row.label_scores
        suggested = (
            to_database_value(QueueEntry, "suggestion", suggestion),
            row.suggestion_score,
            to_database_value(QueueEntry, "label_scores", scores),
        )
        for slot in range(overlap):
            if row.item in open_items and (row.item, slot) not in taken:
                first.setdefault((row.item, slot), (project.pk, row.item, slot, rank, *chosen, *suggested))
    return list(first.values())


@transaction.atomic
def replace_queue(project: Project, rows: Sequence[tuple[Any, ...]]) -> int:
    """Put rows made by `build_entries` in place of the queue; return how many there are.

    Items in hand stay in hand. Who leases at the same moment sees the old queue or the new one, never none.
    """
    QueueEntry.objects.filter(project=project).delete()
    insert_rows(QueueEntry, ENTRY_FIELDS, rows)
    return len(rows)
