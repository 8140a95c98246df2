"""The only door from a request to a project and what belongs to it. Deny by default.

A stranger meets NotFound (so that nobody learns what exists), a member whose role
does not suffice meets Forbidden. An instance admin (superuser) may do everything.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Literal, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from annotation.database.plain_sql import ID_END, Columns, fetch_rows
from annotation.errors import Forbidden, NotFound, Removed
from annotation.models import Annotation, ApiToken, Export, Import, Invitation, Item, Membership, Project, Role, User
from annotation.text.digest import digest_of

Need = Literal["annotate", "review", "lead"]

ROLES_FOR: dict[Need, frozenset[str]] = {
    "annotate": frozenset({Role.ANNOTATOR, Role.REVIEWER, Role.LEAD}),
    "review": frozenset({Role.REVIEWER, Role.LEAD}),
    "lead": frozenset({Role.LEAD}),
}

M = TypeVar("M", bound=Model)

# one of these runs for every call
_PROJECT = Columns(Project, "project")
_PROJECT_SQL = f"SELECT {_PROJECT.sql} FROM annotation_project AS project WHERE project.id = %s"  # noqa: S608
_PROJECT_OF_MEMBER_SQL = f"""
    SELECT {_PROJECT.sql}, membership.role
    FROM annotation_project AS project
    JOIN annotation_membership AS membership ON membership.project_id = project.id
    WHERE project.id = %s AND membership.user_id = %s
"""  # noqa: S608


def projects_for(user: User | AnonymousUser) -> QuerySet[Project]:
    """Every project the user may enter."""
    if not isinstance(user, User):
        return Project.objects.none()
    return Project.objects.visible_to(user)


def role_in(user: User, project: Project) -> str | None:
    """The user's role; an instance admin counts as lead; None for a stranger."""
    if user.is_superuser:
        return Role.LEAD
    return Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()


def roles_of(user: User, projects: Iterable[Project]) -> dict[int, str | None]:
    """The user's role in each of these projects; one query for all."""
    pks = [project.pk for project in projects]
    if user.is_superuser:
        return dict.fromkeys(pks, Role.LEAD)
    known = dict(Membership.objects.filter(user=user, project__in=pks).values_list("project_id", "role"))
    return {pk: known.get(pk) for pk in pks}


def project_for(user: User | AnonymousUser, pk: int, need: Need) -> Project:
    """Return the project if the user may do what is needed there; one query.

    Raises NotFound for a stranger (Removed for one who has answered there) and Forbidden for a member whose role does
    not suffice.
    """
    if not isinstance(user, User) or not user.is_active:
        raise NotFound
    if user.is_superuser:
        rows = [(*values, Role.LEAD) for values in fetch_rows(_PROJECT_SQL, [pk])]
    else:
        rows = fetch_rows(_PROJECT_OF_MEMBER_SQL, [pk, user.pk])
    if not rows:
        raise Removed if pk < ID_END and Annotation.objects.filter(project=pk, user=user).exists() else NotFound
    (*values, role), *_others = rows
    if role not in ROLES_FOR[need]:
        raise Forbidden
    return _PROJECT.make_row(values)


def check_instance_admin(user: User | AnonymousUser) -> None:
    """Raise NotFound for everybody but an instance admin."""
    if not isinstance(user, User) or not user.is_active or not user.is_superuser:
        raise NotFound


def account_for_admin(user: User | AnonymousUser, pk: int) -> User:
    """The account of a person; for admins."""
    check_instance_admin(user)
    row = User.objects.filter(pk=pk, is_machine=False).first()
    if row is None:
        raise NotFound
    return row


def may_create_projects(user: User) -> bool:
    return user.is_active and (user.is_staff or user.has_perm("annotation.add_project"))


def _row_of_project(project: Project, rows: QuerySet[M], pk: int) -> M:
    row = rows.filter(project=project, pk=pk).first()
    if row is None:
        raise NotFound
    return row


def import_for(user: User | AnonymousUser, project_pk: int, pk: int) -> Import:
    rows: QuerySet[Import] = Import.objects.select_related("project")
    return _row_of_project(project_for(user, project_pk, "lead"), rows, pk)


def export_for(user: User | AnonymousUser, project_pk: int, pk: int) -> Export:
    rows: QuerySet[Export] = Export.objects.select_related("project")
    return _row_of_project(project_for(user, project_pk, "lead"), rows, pk)


def member_for(user: User | AnonymousUser, project_pk: int, pk: int) -> Membership:
    rows = Membership.objects.people().select_related("project", "user")
    return _row_of_project(project_for(user, project_pk, "lead"), rows, pk)


def invitation_for(user: User | AnonymousUser, project_pk: int, pk: int) -> Invitation:
    rows: QuerySet[Invitation] = Invitation.objects.select_related("project")
    return _row_of_project(project_for(user, project_pk, "lead"), rows, pk)


def item_for(user: User | AnonymousUser, project_pk: int, pk: int) -> Item:
    """An item that the user may look at; whose answers they may see is `may_see_all_answers`."""
    rows = Item.objects.select_related("project")
    return _row_of_project(project_for(user, project_pk, "annotate"), rows, pk)


def may_see_all_answers(role: str | None) -> bool:
    """Annotators see their own answers only, so that nobody copies anybody."""
    return role in ROLES_FOR["review"]


def own_annotation_for(user: User | AnonymousUser, uuid: UUID) -> Annotation:
    """One's own annotation, in a project where one may still annotate."""
    if not isinstance(user, User):
        raise NotFound
    row = Annotation.objects.select_related("item").filter(uuid=uuid, user=user).first()
    if row is None:
        raise NotFound
    project_for(user, row.project_id, "annotate")
    return row


def own_token_for(user: User | AnonymousUser, pk: int) -> ApiToken:
    """One's own API token; nobody sees another's."""
    row = ApiToken.objects.filter(user=user, pk=pk).first() if isinstance(user, User) else None
    if row is None:
        raise NotFound
    return row


def open_invitation_by_token(token: str) -> Invitation:
    """The open invitation behind a link; whoever holds the link may use it."""
    digest = digest_of(token)
    invitation = Invitation.objects.open().select_related("project", "created_by").filter(digest=digest).first()
    if invitation is None:
        raise NotFound(_("This invitation is not valid any more. Ask the project's lead for a new link."))
    return invitation


def project_page(need: Need) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make a page's view receive the project instead of its number; anonymous visitors go to sign in.

    Pages are read only: what changes something goes through the API. No browser keeps one: after Back it would show
    the state of before, or what somebody may not see who is signed out by then.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        from django.contrib.auth.decorators import login_required
        from django.views.decorators.http import require_safe

        @require_safe
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, pk: int, *args: object, **kwargs: object) -> HttpResponse:
            return view(request, project_for(request.user, pk, need), *args, **kwargs)

        return guarded

    return decorate
