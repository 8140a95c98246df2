"""Write to the audit log. Call `record_event` in the transaction of what is recorded: both are there, or neither."""

from typing import Any

from annotation.events.request_context import current_context
from annotation.models import Event, EventKind, Project, User

MAX_SUBJECT_CHARACTERS = 200


def record_event(
    kind: EventKind,
    *,
    project: Project | None = None,
    user: User | None = None,
    subject: str = "",
    by: User | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Note that the person of the request at hand did something; `by` names them where the request does not yet.

    `user` is whom it was done to, `subject` the name of what it was done to. No passwords, tokens or contents of items.
    """
    context = current_context()
    actor = by or (context.user if context else None)
    Event.objects.create(
        kind=kind,
        actor=actor.pk if actor else None,
        address=context.address if context else None,
        request_id=context.id if context else "",
        project=project.pk if project else None,
        user=user.pk if user else None,
        subject=subject[:MAX_SUBJECT_CHARACTERS],
        details=details or {},
    )
