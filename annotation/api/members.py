"""Members and invitations of a project."""

from datetime import datetime
from typing import Annotated, Any, cast

from django.db.models import Count, Max, Q, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from annotation.access import invitation_for, member_for, project_for, role_in
from annotation.api.endpoint import Endpoint
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import ABSENT, Absent, Doc, as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR
from annotation.models import Annotation, Assignment, Invitation, Membership, Project, Role, User
from annotation.projects import members
from annotation.queue import leasing

MAX_INVITATION_USES = 1000


class MemberIn(RequestSerializer):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.values, default=Role.ANNOTATOR)
    password = serializers.CharField(
        required=False,
        write_only=True,
        trim_whitespace=False,
        help_text="From an instance admin: makes the user where there is none. An existing password is never changed.",
    )


class MemberRoleIn(RequestSerializer):
    role = serializers.ChoiceField(choices=Role.values)


LAST_LEAD = OpenApiResponse(ERROR, description="A project needs a lead, and this is the last one.")
ROLE = Doc(choices=tuple(Role.values))


@response_object
class MemberOut:
    """Only `id` and `username` for those who are not leads."""

    id: int
    username: str
    role: Annotated[str | Absent, ROLE] = ABSENT
    created_at: datetime | Absent = ABSENT
    leased: Annotated[int | Absent, Doc("Items that the person holds now.", deprecated_name="in_hand")] = ABSENT
    answers: Annotated[int | Absent, Doc("Answers that stand, skips and flags left out.")] = ABSENT
    last_answer_at: datetime | Absent | None = ABSENT


@response_object
class ReleasedOut:
    released: int


class InvitationIn(RequestSerializer):
    role = serializers.ChoiceField(choices=Role.values, default=Role.ANNOTATOR)
    max_uses = serializers.IntegerField(
        min_value=1, max_value=MAX_INVITATION_USES, default=1, help_text="How many people the link lets in."
    )


@response_object
class InvitationOut:
    id: int
    role: Annotated[str, ROLE]
    url: Annotated[
        str | None,
        Doc("Whoever opens it, signed in or with a new account, becomes a member. Answered once, when it is made."),
    ]
    max_uses: Annotated[int | None, Doc("How many people it lets in; null: of a release that did not count.")]
    uses: int
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    is_open: Annotated[bool, Doc("Whether it still lets somebody in; it ends with its maker's right to invite, too.")]


def members_of(project: Project) -> QuerySet[Membership]:
    return Membership.objects.people().filter(project=project).select_related("user")


def members_out(project: Project, rows: list[Membership]) -> list[MemberOut]:
    """Everything a lead sees of these members; two queries for all of them."""
    users = [row.user_id for row in rows]
    live = Annotation.objects.filter(project=project, user__in=users).live().order_by()
    counted = live.values("user").annotate(number=Count("pk", filter=Q(outcome="label")), last=Max("created_at"))
    answers = {row["user"]: row for row in counted}
    held = Assignment.objects.leased().filter(project=project, user__in=users).order_by()
    leased = dict(held.values_list("user").annotate(Count("pk")))
    nothing: dict[str, Any] = {"number": 0, "last": None}
    return [
        MemberOut(
            id=row.pk,
            username=row.user.username,
            role=row.role,
            created_at=row.created_at,
            leased=leased.get(row.user_id, 0),
            answers=answers.get(row.user_id, nothing)["number"],
            last_answer_at=answers.get(row.user_id, nothing)["last"],
        )
        for row in rows
    ]


def invitations_out(project: Project, rows: list[Invitation]) -> list[InvitationOut]:
    """What a lead sees of these links; one query for all of them."""
    still_open = set(Invitation.objects.open().filter(project=project).values_list("pk", flat=True))
    return [invitation_out(row, is_open=row.pk in still_open) for row in rows]


def invitation_out(row: Invitation, url: str | None = None, *, is_open: bool) -> InvitationOut:
    return InvitationOut(
        id=row.pk,
        role=row.role,
        url=url,
        max_uses=row.max_uses,
        uses=row.uses,
        created_by=row.created_by.username,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        is_open=is_open,
    )


class Members(Endpoint):
    queries = {"GET": PageIn}
    pagination_class = CursorPagination

    @extend_schema(operation_id="members_list", responses=serializer_of(MemberOut)(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Who takes part: names for every member, everything for leads."""
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        pages = CursorPagination()
        rows = pages.page_of(members_of(project), request)
        if role_in(user, project) == Role.LEAD:
            return pages.get_paginated_response(as_plain_data(members_out(project, rows)))
        names = [MemberOut(id=row.pk, username=row.user.username) for row in rows]
        return pages.get_paginated_response(as_plain_data(names))

    @extend_schema(
        operation_id="members_create",
        request=MemberIn,
        responses={
            201: serializer_of(MemberOut),
            409: OpenApiResponse(ERROR, description="The user is a member already."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Add a user to the project (leads)."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        body = MemberIn(data=request.data)
        body.is_valid(raise_exception=True)
        row = members.add_member(project, user, **body.validated_data)
        return Response(as_plain_data(members_out(project, [row])[0]), status=status.HTTP_201_CREATED)


class MemberDetail(Endpoint):
    @extend_schema(
        operation_id="members_update",
        request=MemberRoleIn,
        responses={200: serializer_of(MemberOut), 409: LAST_LEAD},
    )
    def patch(self, request: Request, pk: int, member: int) -> Response:
        """Give a member another role (leads); the last lead stays lead."""
        row = member_for(request.user, pk, member)
        body = MemberRoleIn(data=request.data)
        body.is_valid(raise_exception=True)
        row = members.change_role(row, body.validated_data["role"])
        return Response(as_plain_data(members_out(row.project, [row])[0]))

    @extend_schema(operation_id="members_destroy", responses={204: None, 409: LAST_LEAD})
    def delete(self, request: Request, pk: int, member: int) -> Response:
        """Remove a member (leads): what is in their hands goes back, their answers stay."""
        members.remove_member(member_for(request.user, pk, member))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberRelease(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(operation_id="members_release", request=None, responses=serializer_of(ReleasedOut))
    def post(self, request: Request, pk: int, member: int) -> Response:
        """Give back what is in a member's hands (leads), so that others get it now."""
        row = member_for(request.user, pk, member)
        return Response(as_plain_data(ReleasedOut(released=leasing.release_leases(row.project, row.user))))


class Invitations(Endpoint):
    queries = {"GET": PageIn}
    pagination_class = CursorPagination

    @extend_schema(operation_id="invitations_list", responses=serializer_of(InvitationOut)(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """All links, newest first, open or not (leads)."""
        project = project_for(request.user, pk, "lead")
        pages = CursorPagination("-pk")
        rows = pages.page_of(project.invitations.select_related("created_by"), request)
        return pages.get_paginated_response(as_plain_data(invitations_out(project, rows)))

    @extend_schema(
        operation_id="invitations_create", request=InvitationIn, responses={201: serializer_of(InvitationOut)}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make a link that makes whoever opens it a member with that role (leads)."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        body = InvitationIn(data=request.data)
        body.is_valid(raise_exception=True)
        row, token = members.create_invitation(
            project, user, body.validated_data["role"], body.validated_data["max_uses"]
        )
        url = reverse("invitation-accept", args=[token], request=request)
        return Response(as_plain_data(invitation_out(row, url, is_open=True)), status=status.HTTP_201_CREATED)


class InvitationDetail(Endpoint):
    @extend_schema(operation_id="invitations_destroy", responses={204: None})
    def delete(self, request: Request, pk: int, invitation: int) -> Response:
        """Revoke a link (leads); a second time changes nothing."""
        members.revoke_invitation(invitation_for(request.user, pk, invitation))
        return Response(status=status.HTTP_204_NO_CONTENT)
