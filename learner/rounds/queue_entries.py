"""The choices of an iteration as entries of the queue."""

from collections.abc import Sequence, Set

from annotation.models import Item, Project, Reason, Split
from annotation.queue import publishing
from annotation.tasktypes.label_ranking import DIGITS, LabelScores
from learner.engine.contracts.iteration import RankedItem


def queue_entries_of_choices(project: Project, choices: Sequence[RankedItem]) -> list[publishing.Ranked]:
    """Turn choices into queue entries; items that still want a second opinion come first."""
    overlap = project.options.overlap
    items = Item.objects.filter(project=project)
    entries = []
    if overlap > 1:
        wanting = items.labelled().open(overlap).exclude(split=Split.TEST).values_list("pk", flat=True)[:1000]
        entries = [publishing.Ranked(item=pk, reason=Reason.OVERLAP) for pk in wanting]
    rows = [choice.row for choice in choices]
    ids = dict(items.filter(position__in=rows).values_list("position", "pk"))
    open_labels = set(project.label_names())
    ranks = project.kind.answer.ranks_labels and len(open_labels) > DIGITS
    for choice in choices:
        suggestion = project.kind.answer.value(choice.label) if choice.label is not None else None
        entries.append(
            publishing.Ranked(
                item=ids[choice.row],
                reason=choice.reason,
                score=choice.score,
                probability=choice.probability,
                suggestion=suggestion,
                suggestion_score=choice.label_score,
                label_scores=_ranking_of_open_labels(choice, open_labels) if ranks else None,
            )
        )
    return entries


def _ranking_of_open_labels(choice: RankedItem, labels: Set[str]) -> LabelScores | None:
    """Return the likeliest of the labels that are in use now; None without a model."""
    ranking = [{"label": name, "score": round(score, 4)} for name, score in choice.top_labels if name in labels]
    return ranking or None
