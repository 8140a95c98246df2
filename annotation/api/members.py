"""Members and invitations of a project."""

from typing import Any, cast

from django.db.models import Count, Max, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from annotation.access import invitation_for, member_for, project_for, role_in
from annotation.api.pagination import CursorPagination
from annotation.models import Annotation, Assignment, Invitation, Membership, Project, Role, User
from annotation.projects import members
from annotation.queue import leasing


class MemberIn(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.ANNOTATOR)
    password = serializers.CharField(
        required=False,
        write_only=True,
        trim_whitespace=False,
        help_text="From an instance admin: makes the user where there is none. An existing password is never changed.",
    )


class MemberRoleIn(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Role.choices)


class MemberOut(serializers.Serializer[Any]):
    """Only `id` and `username` for those who are not leads."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    created_at = serializers.DateTimeField(required=False)
    in_hand = serializers.IntegerField(required=False, help_text="Items in the person's hands now.")
    answers = serializers.IntegerField(required=False, help_text="Answers that stand, skips and flags left out.")
    last_answer_at = serializers.DateTimeField(required=False, allow_null=True)


class ReleasedOut(serializers.Serializer[Any]):
    released = serializers.IntegerField()


class InvitationIn(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Role.choices, default=Role.ANNOTATOR)


class InvitationOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Role.choices)
    url = serializers.URLField(help_text="Whoever opens it, signed in or with a new account, becomes a member.")
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    is_open = serializers.BooleanField()


def members_of(project: Project) -> QuerySet[Membership]:
    return Membership.objects.people().filter(project=project).select_related("user")


def members_out(project: Project, rows: list[Membership]) -> list[dict[str, Any]]:
    """Everything a lead sees of these members; two queries for all of them."""
    users = [row.user_id for row in rows]
    live = Annotation.objects.filter(project=project, user__in=users).live().order_by()
    counted = live.values("user").annotate(number=Count("pk", filter=Q(outcome="label")), last=Max("created_at"))
    answers = {row["user"]: row for row in counted}
    held = Assignment.objects.leased().filter(project=project, user__in=users).order_by()
    in_hand = dict(held.values_list("user").annotate(Count("pk")))
    nothing = {"number": 0, "last": None}
    return [
        {
            "id": row.pk,
            "username": row.user.username,
            "role": row.role,
            "created_at": row.created_at,
            "in_hand": in_hand.get(row.user_id, 0),
            "answers": answers.get(row.user_id, nothing)["number"],
            "last_answer_at": answers.get(row.user_id, nothing)["last"],
        }
        for row in rows
    ]


def invitation_out(row: Invitation, request: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "role": row.role,
        "url": reverse("invitation-accept", args=[row.token], request=request),
        "created_by": row.created_by.username,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "is_open": row.is_open,
    }


class Members(APIView):
    pagination_class = CursorPagination

    @extend_schema(operation_id="members_list", responses=MemberOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Who takes part: names for every member, everything for leads."""
        user = cast(User, request.user)
        project = project_for(user, pk, "annotate")
        pages = CursorPagination()
        rows = pages.page_of(members_of(project), request)
        if role_in(user, project) == Role.LEAD:
            return pages.get_paginated_response(members_out(project, rows))
        return pages.get_paginated_response([{"id": row.pk, "username": row.user.username} for row in rows])

    @extend_schema(operation_id="members_create", request=MemberIn, responses={201: MemberOut})
    def post(self, request: Request, pk: int) -> Response:
        """Add a user to the project (leads)."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        given = MemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = members.add_member(project, user, **given.validated_data)
        return Response(members_out(project, [row])[0], status=status.HTTP_201_CREATED)


class MemberDetail(APIView):
    @extend_schema(operation_id="members_update", request=MemberRoleIn, responses=MemberOut)
    def patch(self, request: Request, pk: int, member: int) -> Response:
        """Give a member another role (leads); the last lead stays lead."""
        row = member_for(request.user, pk, member)
        given = MemberRoleIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = members.change_role(row, given.validated_data["role"])
        return Response(members_out(row.project, [row])[0])

    @extend_schema(operation_id="members_destroy", responses={204: None})
    def delete(self, request: Request, pk: int, member: int) -> Response:
        """Remove a member (leads): what is in their hands goes back, their answers stay."""
        members.remove_member(member_for(request.user, pk, member))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberRelease(APIView):
    @extend_schema(operation_id="members_release", request=None, responses=ReleasedOut)
    def post(self, request: Request, pk: int, member: int) -> Response:
        """Give back what is in a member's hands (leads), so that others get it now."""
        row = member_for(request.user, pk, member)
        return Response({"released": leasing.release(row.project, row.user)})


class Invitations(APIView):
    pagination_class = CursorPagination

    @extend_schema(operation_id="invitations_list", responses=InvitationOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """All links, newest first, open or not (leads)."""
        project = project_for(request.user, pk, "lead")
        pages = CursorPagination("-pk")
        rows = pages.page_of(project.invitations.select_related("created_by"), request)
        return pages.get_paginated_response([invitation_out(row, request) for row in rows])

    @extend_schema(operation_id="invitations_create", request=InvitationIn, responses={201: InvitationOut})
    def post(self, request: Request, pk: int) -> Response:
        """Make a link that makes whoever opens it a member with that role (leads)."""
        user = cast(User, request.user)
        project = project_for(user, pk, "lead")
        given = InvitationIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = members.invite(project, user, given.validated_data["role"])
        return Response(invitation_out(row, request), status=status.HTTP_201_CREATED)


class InvitationDetail(APIView):
    @extend_schema(operation_id="invitations_destroy", responses={204: None})
    def delete(self, request: Request, pk: int, invitation: int) -> Response:
        """Revoke a link (leads); a second time changes nothing."""
        members.revoke(invitation_for(request.user, pk, invitation))
        return Response(status=status.HTTP_204_NO_CONTENT)
