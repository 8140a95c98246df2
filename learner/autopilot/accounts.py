"""The people who label without hands: ordinary members with random passwords, made or used again."""

import secrets
from dataclasses import dataclass

from annotation.models import Membership, Project, Role, User
from annotation.queue import leasing


@dataclass(frozen=True)
class Credentials:
    username: str
    password: str


def ensure_annotators(project: Project, count: int) -> list[Credentials]:
    """Return that many annotators of the project, with new passwords."""
    return [
        _ensure_member(project, f"autopilot-{project.pk}-{number}", Role.ANNOTATOR) for number in range(1, count + 1)
    ]


def ensure_observer(project: Project) -> Credentials:
    """Return a reviewer of the project, who may read its progress."""
    return _ensure_member(project, f"autopilot-{project.pk}-observer", Role.REVIEWER)


def release_leases(project: Project) -> None:
    """Give back what the pool holds, so that its colleagues need not wait for the leases to run out."""
    for user in User.objects.filter(username__startswith=f"autopilot-{project.pk}-"):
        leasing.release_leases(project, user)


def _ensure_member(project: Project, username: str, role: Role) -> Credentials:
    password = secrets.token_urlsafe(18)
    user, _created = User.objects.get_or_create(username=username)
    user.set_password(password)
    user.is_active = True
    user.save()
    Membership.objects.update_or_create(project=project, user=user, defaults={"role": role})
    return Credentials(username, password)
