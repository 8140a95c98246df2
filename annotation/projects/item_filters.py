"""Find items and answers: which filters there are, and whose answers a person may see."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from annotation.access import may_see_all_answers, role_in
from annotation.models import Annotation, AnnotationQuerySet, Item, ItemQuerySet, Outcome, Project, Role, User
from annotation.queue.assignment_proof import shown_reason
from annotation.queue.suggestion_policy import SuggestionPolicy


@dataclass(frozen=True)
class ItemVisibility:
    """Which items and answers of a project a person may see."""

    user: User
    project: Project
    role: str | None

    @classmethod
    def for_user(cls, user: User, project: Project) -> "ItemVisibility":
        return cls(user, project, role_in(user, project))

    @property
    def sees_all(self) -> bool:
        return may_see_all_answers(self.role)

    @property
    def sees_hidden(self) -> bool:
        return self.role == Role.LEAD

    @property
    def sees_images(self) -> bool:
        return "image" in self.project.kind.content.keys

    def id_of(self, item: Item) -> str:
        """The item's external id as this person may see it."""
        return item.external_id if self.sees_hidden else item.public_id

    def annotations(self) -> AnnotationQuerySet:
        """The answers this person may see: all of the project's, or their own."""
        rows = Annotation.objects.filter(project=self.project)
        return rows if self.sees_all else rows.filter(user=self.user)


@dataclass(frozen=True)
class ItemFilter:
    """What to look for; an empty field does not restrict."""

    split: str = ""
    status: str = ""
    label: str = ""
    least: float | None = None  # of answers that are numbers
    most: float | None = None
    annotator: str = ""
    external_id: str = ""
    text: str = ""

    def items(self, viewer: ItemVisibility) -> ItemQuerySet:
        """The items that match. Filters on answers look at those that the viewer may see."""
        rows = Item.objects.filter(project=viewer.project)
        if self.split:
            rows = rows.filter(split=self.split)
        if self.external_id:
            rows = self._by_id(rows, viewer)
        if self.text:
            rows = self._by_text(rows, viewer)
        return self._by_answers(self._by_status(rows, viewer), viewer)

    def _by_id(self, rows: ItemQuerySet, viewer: ItemVisibility) -> ItemQuerySet:
        # the second condition is that of the partial index, which else would not be used
        rows, exact = rows.exclude(external_id=""), Q(external_id=self.external_id)
        if viewer.sees_hidden:
            return rows.filter(exact)
        if viewer.sees_images:
            return (
                rows.none()
                if "/" in self.external_id
                else _by_file_name(rows, f"^(.*/)?{re.escape(self.external_id)}$")
            )
        return rows.filter(exact, export_only={}) if "/" in self.external_id else rows.filter(exact)

    def _by_text(self, rows: ItemQuerySet, viewer: ItemVisibility) -> ItemQuerySet:
        if viewer.sees_hidden or not viewer.sees_images:
            return rows.containing(viewer.project, self.text)
        return rows.none() if "/" in self.text else _by_file_name(rows, f"{re.escape(self.text)}[^/]*$")

    def _by_status(self, rows: ItemQuerySet, viewer: ItemVisibility) -> ItemQuerySet:
        """Return the rows of this status, counting only answers that the viewer may see."""
        live = viewer.annotations().live()
        if self.status == "labelled":
            return rows.labelled()
        if self.status == "unlabelled":
            return rows.unlabelled()
        if self.status == "flagged":
            return rows.with_any(live.filter(outcome=Outcome.FLAG))
        if self.status == "extra":
            return rows.to_review(viewer.project) if viewer.sees_all else rows.none()
        if self.status == "skipped":
            return rows.with_any(live.filter(outcome=Outcome.SKIP))
        return rows

    def _by_answers(self, rows: ItemQuerySet, viewer: ItemVisibility) -> ItemQuerySet:
        ends = {"value__number__gte": self.least, "value__number__lte": self.most}
        asked = {name: end for name, end in ends.items() if end is not None}
        if not (self.label or self.annotator or asked):
            return rows
        answers = viewer.annotations().live().filter(**asked)
        if self.label:
            answers = answers.naming_label(viewer.project, self.label)
        if self.annotator:
            answers = answers.filter(user__username=self.annotator)
        return rows.with_any(answers)


def _by_file_name(rows: ItemQuerySet, pattern: str) -> ItemQuerySet:
    """Images by their file's name without folders; none whose name may tell what is hidden."""
    return rows.filter(external_id__iregex=pattern, export_only={})


STATUSES = ("labelled", "unlabelled", "flagged", "skipped", "extra")


@dataclass(frozen=True)
class AnnotationFilter:
    """Which answers; those that were taken back or superseded only with `history`."""

    outcome: str = ""
    user: str = ""
    since: datetime | None = None
    history: bool = False

    def annotations(self, viewer: ItemVisibility) -> AnnotationQuerySet:
        rows = viewer.annotations()
        if not self.history:
            rows = rows.live()
        if self.outcome:
            rows = rows.filter(outcome=self.outcome)
        if self.user:
            rows = rows.filter(user__username=self.user)
        if self.since:
            rows = rows.filter(created_at__gte=self.since)
        return rows.select_related("user")


def prefetch_seen_answers(items: ItemQuerySet, viewer: ItemVisibility) -> ItemQuerySet:
    """Items each with `seen`: the live answers that the viewer may see; one query for all of them."""
    answers = viewer.annotations().live().select_related("user")
    return items.prefetch_related(Prefetch("annotations", queryset=answers, to_attr="seen"))


def annotation_history_of(item: Item, viewer: ItemVisibility) -> AnnotationQuerySet:
    """Everything that was said about an item, newest first, as far as the viewer may see it."""
    return viewer.annotations().filter(item=item).select_related("user").order_by("-pk")


def shows_suggestion(annotation: Annotation, viewer: ItemVisibility) -> bool:
    """Annotators see the model's suggestion where the project's settings say so."""
    if viewer.sees_all:
        return True
    return SuggestionPolicy.of_project(viewer.project).is_shown(annotation)


def shown_reason_of(annotation: Annotation, viewer: ItemVisibility) -> str:
    """Annotators are not told which items are the test sample."""
    return annotation.reason if viewer.sees_all else shown_reason(annotation.reason)
