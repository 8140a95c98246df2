"""Accounts of the site, for instance admins."""

from datetime import datetime
from typing import Annotated

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import account_for_admin, check_instance_admin
from annotation.accounts import administration, reset_links, second_factor
from annotation.accounts.creation import make_user, set_may_create_projects
from annotation.api.endpoint import Endpoint
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR, NOT_FOUND
from annotation.models import User

NOT_ADMIN = OpenApiResponse(ERROR, description=NOT_FOUND)
LAST_ADMIN = OpenApiResponse(ERROR, description="The site needs an admin, or the account was anonymised.")


class AccountIn(RequestSerializer):
    username = serializers.CharField(max_length=150)
    email = serializers.EmailField(default="", allow_blank=True)
    may_create_projects = serializers.BooleanField(default=False)


class AccountChangeIn(RequestSerializer):
    email = serializers.EmailField(required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)
    is_admin = serializers.BooleanField(required=False)
    may_create_projects = serializers.BooleanField(required=False)


class AccountsIn(PageIn):
    """The query string of the list of accounts."""

    search = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="In name or address.")


@response_object
class AccountOut:
    id: int
    username: str
    email: str
    is_active: Annotated[bool, Doc("Whether the person may sign in.")]
    is_admin: bool
    may_create_projects: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    anonymised_at: datetime | None
    has_second_factor: bool
    projects: Annotated[int, Doc("In how many the person is a member.")]
    looks_like: Annotated[list[str], Doc("Other accounts with a name that looks the same; new ones are refused.")]


@response_object
class ResetLinkOut:
    url: Annotated[str, Doc("Where the person sets a password: once, within three days.")]


@response_object
class NewAccountOut:
    account: AccountOut
    url: Annotated[str, Doc("Where the person sets a password: once, within three days.")]


@response_object
class SignedOutOut:
    tokens_revoked: int


def with_counts(rows: QuerySet[User]) -> QuerySet[User]:
    allowed = Permission.objects.filter(
        content_type__app_label="annotation", codename="add_project", user=OuterRef("pk")
    )
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    return rows.annotate(project_count=Count("memberships"), allowed=Exists(allowed), protected=Exists(factors))


def accounts_out(rows: list[User]) -> list[AccountOut]:
    """What an admin sees of these accounts, which come from `with_counts`; two queries for all of them at most."""
    alike = administration.look_alike_names(rows)
    return [
        AccountOut(
            id=row.pk,
            username=row.username,
            email=row.email,
            is_active=row.is_active,
            is_admin=row.is_superuser,
            may_create_projects=row.is_staff or bool(row.__dict__["allowed"]),
            created_at=row.date_joined,
            last_sign_in_at=row.last_login,
            anonymised_at=row.anonymised_at,
            has_second_factor=bool(row.__dict__["protected"]),
            projects=row.__dict__["project_count"],
            looks_like=alike[row.pk],
        )
        for row in rows
    ]


def account_out(user: User) -> AccountOut:
    return accounts_out(list(with_counts(User.objects.filter(pk=user.pk))))[0]


class Accounts(Endpoint):
    queries = {"GET": AccountsIn}
    pagination_class = CursorPagination

    @extend_schema(
        operation_id="accounts_list",
        responses={200: serializer_of(AccountOut)(many=True), 404: NOT_ADMIN},
    )
    def get(self, request: Request) -> Response:
        """All people, by name (admins)."""
        check_instance_admin(request.user)
        pages = CursorPagination("username")
        rows = pages.page_of(with_counts(administration.find_people(self.query.get("search", ""))), request)
        return pages.get_paginated_response(as_plain_data(accounts_out(rows)))

    @extend_schema(
        operation_id="accounts_create",
        request=AccountIn,
        responses={201: serializer_of(NewAccountOut), 404: NOT_ADMIN},
    )
    def post(self, request: Request) -> Response:
        """Make an account; the link in the answer is for its owner, who sets the password (admins)."""
        check_instance_admin(request.user)
        body = AccountIn(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            user = make_user(body.validated_data["username"], None, body.validated_data["email"])
            set_may_create_projects(user, allowed=body.validated_data["may_create_projects"])
        made = NewAccountOut(account=account_out(user), url=reset_links.reset_url(request, user))
        return Response(as_plain_data(made), status=status.HTTP_201_CREATED)


class AccountDetail(Endpoint):
    @extend_schema(operation_id="accounts_retrieve", responses=serializer_of(AccountOut))
    def get(self, request: Request, account: int) -> Response:
        """One person (admins)."""
        return Response(as_plain_data(account_out(account_for_admin(request.user, account))))

    @extend_schema(
        operation_id="accounts_update",
        request=AccountChangeIn,
        responses={200: serializer_of(AccountOut), 409: LAST_ADMIN},
    )
    def patch(self, request: Request, account: int) -> Response:
        """Change what a person may do (admins); who is deactivated is signed out everywhere, and their tokens end."""
        user = account_for_admin(request.user, account)
        body = AccountChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        with transaction.atomic():
            if "email" in values:
                user.email = values["email"]
                user.save(update_fields=["email"])
            if "is_admin" in values:
                administration.set_admin(user, admin=values["is_admin"])
            if "may_create_projects" in values:
                set_may_create_projects(user, allowed=values["may_create_projects"])
            if "is_active" in values:
                administration.set_active(user, active=values["is_active"])
        return Response(as_plain_data(account_out(user)))


class AccountResetLink(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(
        operation_id="accounts_reset_link", request=None, responses={200: serializer_of(ResetLinkOut), 409: LAST_ADMIN}
    )
    def post(self, request: Request, account: int) -> Response:
        """Make a link by which a person sets a new password (admins); the old one works until then."""
        user = account_for_admin(request.user, account)
        if user.anonymised_at:
            raise administration.Anonymised
        return Response(as_plain_data(ResetLinkOut(url=reset_links.reset_url(request, user))))


class AccountSignOut(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(operation_id="accounts_sign_out", request=None, responses=serializer_of(SignedOutOut))
    def post(self, request: Request, account: int) -> Response:
        """End all sessions and API tokens of a person (admins)."""
        revoked = administration.sign_out_everywhere(account_for_admin(request.user, account))
        return Response(as_plain_data(SignedOutOut(tokens_revoked=revoked)))


class AccountSecondFactor(Endpoint):
    @extend_schema(operation_id="accounts_second_factor_destroy", responses={204: None})
    def delete(self, request: Request, account: int) -> Response:
        """Take away all second factors of a person who lost theirs (admins)."""
        second_factor.remove_second_factors(account_for_admin(request.user, account))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AccountAnonymise(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(
        operation_id="accounts_anonymise", request=None, responses={200: serializer_of(AccountOut), 409: LAST_ADMIN}
    )
    def post(self, request: Request, account: int) -> Response:
        """Take name and address from an account for good (admins): its answers stay, under a number."""
        user = account_for_admin(request.user, account)
        administration.anonymise(user)
        return Response(as_plain_data(account_out(user)))
