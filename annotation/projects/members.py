"""Who takes part: add, change, remove, invite, join."""

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotation.accounts.creation import make_user
from annotation.errors import Conflict, Forbidden, InvalidRequest, NotFound
from annotation.events.recording import record_event
from annotation.models import (
    EventKind,
    Invitation,
    Membership,
    Project,
    RemovedMember,
    Role,
    User,
    new_invitation_token,
)
from annotation.queue import leasing
from annotation.text.digest import digest_of


class LastLead(Conflict):
    message = gettext_noop("A project needs a lead: make somebody else lead first.")
    code = "last_lead"


class LinkUsedUp(NotFound):
    message = gettext_noop("This link was used up meanwhile: ask the project's lead for a new one.")
    code = "link_used_up"


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
                raise InvalidRequest(_no_user_message(by) % {"name": username}, {"field": "username"})
            user = make_user(username, password)
        membership, created = Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
        RemovedMember.objects.filter(project=project, user=user).delete()
        if created:
            _record_member_event(EventKind.MEMBER_ADDED, membership)
    if not created:
        raise Conflict(_("“%(name)s” is a member already: change their role instead.") % {"name": username})
    return membership


def _no_user_message(by: User) -> str:
    if by.is_superuser:
        return _("There is no user named “%(name)s”. Give a password to make the account, or send an invitation link.")
    return _("There is no user named “%(name)s”. Make an invitation link and send it to them.")


@transaction.atomic
def change_role(membership: Membership, role: str) -> Membership:
    """Give a member another role; raises LastLead when the project would be left without a lead."""
    if role != Role.LEAD:
        _refuse_losing_last_lead(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    _record_member_event(EventKind.MEMBER_ROLE_CHANGED, membership, before=before)
    return membership


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """End a membership and give back what is in the person's hands; their answers stay.

    The link by which they came is closed, so that they cannot use it under another name, and links of before do not let
    them in again.
    """
    _refuse_losing_last_lead(membership)
    if membership.invitation:
        revoke_invitation(membership.invitation)
    RemovedMember.objects.update_or_create(
        project=membership.project, user=membership.user, defaults={"removed_at": timezone.now()}
    )
    _record_member_event(EventKind.MEMBER_REMOVED, membership)
    membership.delete()
    leasing.release_leases(membership.project, membership.user)


def _record_member_event(kind: EventKind, membership: Membership, by: User | None = None, **details: object) -> None:
    details = {"role": membership.role, **details}
    record_event(kind, project=membership.project, user=membership.user, by=by, details=details)


def _refuse_losing_last_lead(leaving: Membership) -> None:
    # The lock makes two leads who demote each other at once wait in line.
    Project.objects.select_for_update().get(pk=leaving.project_id)
    leads = Membership.objects.filter(project=leaving.project_id, role=Role.LEAD)
    if leads.filter(pk=leaving.pk).exists() and not leads.exclude(pk=leaving.pk).exists():
        raise LastLead


# Invitations


def invitable_roles(by: User) -> list[str]:
    """Return the roles that somebody's links may give: leads only where the operator lets leads do that."""
    if by.is_superuser or settings.LEADS_INVITE_LEADS:
        return list(Role.values)
    return [role for role in Role.values if role != Role.LEAD]


@transaction.atomic
def create_invitation(project: Project, by: User, role: str, max_uses: int = 1) -> tuple[Invitation, str]:
    """Return a new link and its secret, which nobody can read again; raises Forbidden for a role too high."""
    if role not in invitable_roles(by):
        raise Forbidden(_("Links for leads are made by admins: invite the person as reviewer, then make them lead."))
    token = new_invitation_token()
    digest = digest_of(token)
    row = Invitation.objects.create(project=project, role=role, created_by=by, digest=digest, max_uses=max_uses)
    record_event(EventKind.INVITATION_CREATED, project=project, by=by, details={"invitation": row.pk, "role": role})
    return row, token


def revoke_invitation(invitation: Invitation) -> None:
    """Close the link; a second time changes nothing."""
    with transaction.atomic():
        if Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now()):
            details = {"invitation": invitation.pk}
            record_event(EventKind.INVITATION_REVOKED, project=invitation.project, details=details)


@transaction.atomic
def accept_invitation(invitation: Invitation, user: User) -> Membership:
    """Make the user a member with the invitation's role; who is a member already keeps their role.

    Raises LinkUsedUp where others were faster, Forbidden for who was removed since the link was made.
    """
    Invitation.objects.select_for_update().get(pk=invitation.pk)  # two at once: one after the other
    membership = Membership.objects.filter(project=invitation.project_id, user=user).first()
    if membership:
        return membership
    if RemovedMember.objects.filter(
        project=invitation.project_id, user=user, removed_at__gte=invitation.created_at
    ).exists():
        raise Forbidden(_("You were removed from this project: ask its lead for a new link."))
    if not Invitation.objects.open().filter(pk=invitation.pk).update(uses=F("uses") + 1):
        raise LinkUsedUp
    RemovedMember.objects.filter(project=invitation.project_id, user=user).delete()
    made = Membership.objects.create(project=invitation.project, user=user, role=invitation.role, invitation=invitation)
    _record_member_event(EventKind.MEMBER_ADDED, made, by=user, invitation=invitation.pk)
    return made


@transaction.atomic
def join_as_new_user(invitation: Invitation, username: str, password: str) -> User:
    """Make an account for whoever holds the link, and the account a member."""
    user = make_user(username, password)
    accept_invitation(invitation, user)
    return user
