"""Who takes part: add, change, remove, invite, join."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotation.accounts.creation import make_user
from annotation.errors import Conflict, InvalidRequest
from annotation.models import Invitation, Membership, Project, Role, User
from annotation.queue import leasing


class LastLead(Conflict):
    message = gettext_noop("A project needs a lead: make somebody else lead first.")
    code = "last_lead"


# Members


def add_member(project: Project, by: User, username: str, role: str, password: str = "") -> Membership:
    """Make an existing user a member; an instance admin's password makes the user where there is none.

    The password of a user who exists already is never changed. Raises InvalidRequest when there is
    no such user, Conflict when they are a member already.
    """
    user = User.objects.filter(username=username, is_machine=False, is_active=True).first()
    with transaction.atomic():
        if user is None:
            if not (password and by.is_superuser):
                raise InvalidRequest(_no_user(by) % {"name": username}, {"field": "username"})
            user = make_user(username, password)
        membership, created = Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
    if not created:
        raise Conflict(_("“%(name)s” is a member already: change their role instead.") % {"name": username})
    return membership


def _no_user(by: User) -> str:
    if by.is_superuser:
        return _("There is no user named “%(name)s”. Give a password to make the account, or send an invitation link.")
    return _("There is no user named “%(name)s”. Make an invitation link and send it to them.")


@transaction.atomic
def change_role(membership: Membership, role: str) -> Membership:
    """Give a member another role; raises LastLead when the project would be left without a lead."""
    if role != Role.LEAD:
        _keep_a_lead(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """End a membership and give back what is in the person's hands; their answers stay."""
    _keep_a_lead(membership)
    membership.delete()
    leasing.release(membership.project, membership.user)


def _keep_a_lead(leaving: Membership) -> None:
    # The lock makes two leads who demote each other at once wait in line.
    Project.objects.select_for_update().get(pk=leaving.project_id)
    leads = Membership.objects.filter(project=leaving.project_id, role=Role.LEAD)
    if leads.filter(pk=leaving.pk).exists() and not leads.exclude(pk=leaving.pk).exists():
        raise LastLead


# Invitations


def invite(project: Project, by: User, role: str) -> Invitation:
    return Invitation.objects.create(project=project, role=role, created_by=by)


def revoke(invitation: Invitation) -> None:
    """Close the link; a second time changes nothing."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())


def accept(invitation: Invitation, user: User) -> Membership:
    """Make the user a member with the invitation's role; who is a member already keeps their role."""
    membership, _created = Membership.objects.get_or_create(
        project=invitation.project, user=user, defaults={"role": invitation.role}
    )
    return membership


@transaction.atomic
def join_as_new_user(invitation: Invitation, username: str, password: str) -> User:
    """Make an account for whoever holds the link, and the account a member."""
    user = make_user(username, password)
    accept(invitation, user)
    return user
