"""What an admin does with accounts: find, change, deactivate, sign out everywhere, anonymise."""

from collections import defaultdict
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from annotation.accounts import api_tokens, second_factor
from annotation.errors import Conflict
from annotation.events.recording import record_event
from annotation.models import Assignment, EventKind, Membership, User
from annotation.text.look_alikes import skeleton


class LastAdmin(Conflict):
    message = gettext_noop("The site needs an admin: make somebody else admin first.")
    code = "last_admin"


class Anonymised(Conflict):
    message = gettext_noop("This account was anonymised: it cannot be used again.")
    code = "anonymised"


def human_users() -> QuerySet[User]:
    return User.objects.filter(is_machine=False)


def find_people(search: str) -> QuerySet[User]:
    """Return the people whose name or e-mail address contains a text; all without one."""
    rows = human_users()
    return rows.filter(Q(username__icontains=search) | Q(email__icontains=search)) if search else rows


def look_alike_names(users: Iterable[User]) -> dict[int, list[str]]:
    """Return {user id: names of other accounts that look like theirs}, which earlier releases let in; two queries.

    Those that came second have no skeleton, so that these few are compared and not all accounts.
    """
    late = list(human_users().filter(name_skeleton=None, anonymised_at=None).only("pk", "username"))
    looks = defaultdict(list)
    for user in late:
        looks[skeleton(user.username)].append(user)
    for user in (
        human_users().filter(name_skeleton__in=list(looks)).only("pk", "username", "name_skeleton") if looks else ()
    ):
        looks[user.name_skeleton or ""].append(user)
    alike = {user.pk: group for group in looks.values() for user in group}
    return {
        user.pk: sorted(other.username for other in alike.get(user.pk, ()) if other.pk != user.pk) for user in users
    }


@transaction.atomic
def set_active(user: User, *, active: bool) -> None:
    """Let a person in, or out: then their sessions and tokens end and what they hold goes back to others."""
    if active and user.anonymised_at:
        raise Anonymised
    if not active:
        _refuse_losing_last_admin(user)
        sign_out_everywhere(user)
        _release_leases(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    record_event(EventKind.ACCOUNT_CHANGED, user=user, details={"is_active": active})


@transaction.atomic
def set_admin(user: User, *, admin: bool) -> None:
    """Let a person do everything in every project, or no more; raises LastAdmin."""
    if not admin:
        _refuse_losing_last_admin(user)
    user.is_superuser = user.is_staff = admin
    user.save(update_fields=["is_superuser", "is_staff"])
    record_event(EventKind.ACCOUNT_CHANGED, user=user, details={"is_admin": admin})


@transaction.atomic
def sign_out_everywhere(user: User) -> int:
    """End all sessions and API tokens of a person; return how many tokens there were."""
    user.sessions_ended_at = timezone.now()
    user.save(update_fields=["sessions_ended_at"])
    record_event(EventKind.SIGN_OUT, user=user)
    return api_tokens.revoke_all_tokens(user)


@transaction.atomic
def anonymise(user: User) -> None:
    """Take from an account all that tells whose it is, for good. Its answers stay, under a number."""
    if user.anonymised_at:
        return
    set_active(user, active=False)
    Membership.objects.filter(user=user).delete()
    user.username, user.name_skeleton = f"anonymous-{user.pk}", None
    user.first_name = user.last_name = user.email = user.time_zone = ""
    user.set_unusable_password()
    user.is_superuser = user.is_staff = False
    user.last_login, user.anonymised_at = None, timezone.now()
    user.save()
    second_factor.remove_second_factors(user)
    for model in (SocialAccount, EmailAddress, UserSession):
        model.objects.filter(user=user).delete()
    user.user_permissions.clear()
    user.groups.clear()
    record_event(EventKind.ACCOUNT_ANONYMISED, user=user)


def _release_leases(user: User) -> None:
    Assignment.objects.filter(user=user, answered=False).delete()


def _refuse_losing_last_admin(leaving: User) -> None:
    # The lock makes two admins who demote each other at once wait in line.
    admins = User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk")
    pks = [admin.pk for admin in admins]
    if leaving.pk in pks and len(pks) == 1:
        raise LastAdmin
