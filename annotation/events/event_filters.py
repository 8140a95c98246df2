"""Find rows of the audit log, and the names of the people in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotation.models import Event, EventQuerySet, Project, User


@dataclass(frozen=True)
class EventFilter:
    """What to look for; an empty field does not restrict."""

    kind: str = ""
    actor: str = ""  # a user name
    since: datetime | None = None
    before: datetime | None = None

    def events(self, project: Project | None) -> EventQuerySet:
        """The rows that match: of a project, or of all and none."""
        rows = Event.objects.all() if project is None else Event.objects.filter(project=project.pk)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.actor:
            rows = rows.filter(actor__in=list(User.objects.filter(username=self.actor).values_list("pk", flat=True)))
        if self.since:
            rows = rows.filter(at__gte=self.since)
        if self.before:
            rows = rows.filter(at__lt=self.before)
        return rows


def user_names_in(rows: Iterable[Event]) -> dict[int, str]:
    """Return the user names of the people that these rows are about, by number; one query."""
    people = {pk for row in rows for pk in (row.actor, row.user) if pk is not None}
    return dict(User.objects.filter(pk__in=people).values_list("pk", "username"))
