"""Who am I, and the keys with which programs call the API."""

from datetime import datetime, timedelta
from typing import Annotated, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import may_create_projects, own_token_for
from annotation.accounts import api_tokens
from annotation.accounts.passwords import user_by_password
from annotation.accounts.second_factor import SecondFactorRequired, has_second_factor
from annotation.api.endpoint import Endpoint
from annotation.api.pagination import CursorPagination, PageIn
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR
from annotation.api.token_scopes import require_session
from annotation.errors import InvalidRequest
from annotation.events.recording import record_event
from annotation.models import ApiToken, EventKind, Membership, Scope, User
from annotation.time_zones import find_time_zone

SCOPE = Doc(
    "`read` may read, `annotate` may answer too, `manage` may do all that the person may.", choices=tuple(Scope.values)
)
NAME_BY_PASSWORD = "Password sign-in"  # noqa: S105  (the name of a token)
MAX_DAYS = 3660


class CredentialsIn(RequestSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(trim_whitespace=False, max_length=4096)
    name = serializers.CharField(max_length=80, default=NAME_BY_PASSWORD, help_text="How your list of tokens calls it.")
    scope = serializers.ChoiceField(choices=Scope.values, default=Scope.MANAGE)


class ApiTokenIn(RequestSerializer):
    name = serializers.CharField(max_length=80, help_text="What it is for.")
    scope = serializers.ChoiceField(choices=Scope.values, default=Scope.READ)
    expires_in_days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, allow_null=True, default=90, help_text="Null: never."
    )


@response_object
class TokenOut:
    token: Annotated[str, Doc("The key, which is shown this once.")]
    id: int
    name: str
    scope: Annotated[str, SCOPE]
    expires_at: datetime | None


@response_object
class ApiTokenOut:
    id: int
    name: str
    prefix: Annotated[str, Doc("The first characters of the key.")]
    scope: Annotated[str, SCOPE]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: Annotated[datetime | None, Doc("To some minutes.")]
    is_legacy: Annotated[bool, Doc("Of a release whose tokens had no name, scope or end: better make a new one.")]


@response_object
class MyProjectOut:
    id: int
    name: str
    role: str


@response_object
class MeOut:
    id: int
    username: str
    is_admin: Annotated[bool, Doc("An instance admin may do everything in every project.")]
    may_create_projects: bool
    time_zone: Annotated[str, Doc("In which the caller reads times; empty: that of the browser.")]
    projects: Annotated[list[MyProjectOut], Doc("Where the caller is a member.")]


class MeIn(RequestSerializer):
    time_zone = serializers.CharField(
        allow_blank=True, max_length=64, help_text="Such as Europe/Berlin; empty: that of the browser."
    )


class SignInToken(Endpoint):
    authentication_classes = ()  # an old token or session must not stand in the way of a new one
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="token_create",
        request=CredentialsIn,
        responses={
            200: serializer_of(TokenOut),
            400: OpenApiResponse(ERROR, description="Wrong credentials, or none."),
            403: OpenApiResponse(ERROR, description="The account has a second factor: make a token on its page."),
            429: OpenApiResponse(ERROR, description="Too many guesses: wait for the seconds of `Retry-After`."),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Exchange user name and password for a new token, which is good for 30 days."""
        body = CredentialsIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        user = user_by_password(request, values["username"], values["password"])
        if has_second_factor(user):
            raise SecondFactorRequired
        made = api_tokens.create_token_by_password(user, values["name"], Scope(values["scope"]))
        return Response(as_plain_data(_new_token_out(*made)))


def me_out(user: User) -> MeOut:
    rows = Membership.objects.filter(user=user).select_related("project").order_by("project_id")
    return MeOut(
        id=user.pk,
        username=user.username,
        is_admin=user.is_superuser,
        may_create_projects=may_create_projects(user),
        time_zone=user.time_zone,
        projects=[MyProjectOut(id=row.project_id, name=row.project.name, role=row.role) for row in rows],
    )


class Me(Endpoint):
    @extend_schema(operation_id="me_retrieve", responses=serializer_of(MeOut))
    def get(self, request: Request) -> Response:
        """Who the caller is, and in which projects."""
        return Response(as_plain_data(me_out(cast(User, request.user))))

    @extend_schema(operation_id="me_update", request=MeIn, responses=serializer_of(MeOut))
    def patch(self, request: Request) -> Response:
        """Change the time zone in which the caller reads times."""
        user = cast(User, request.user)
        body = MeIn(data=request.data)
        body.is_valid(raise_exception=True)
        name = body.validated_data["time_zone"]
        if name and find_time_zone(name) is None:
            message = _("There is no time zone “%(name)s”. Its name is such as Europe/Berlin.")
            raise InvalidRequest(message % {"name": name}, {"field": "time_zone"})
        user.time_zone = name
        user.save(update_fields=["time_zone"])
        return Response(as_plain_data(me_out(user)))


class MyTokens(Endpoint):
    queries = {"GET": PageIn}
    pagination_class = CursorPagination

    @extend_schema(operation_id="my_tokens_list", responses=serializer_of(ApiTokenOut)(many=True))
    def get(self, request: Request) -> Response:
        """The caller's tokens, newest first, without their keys."""
        pages = CursorPagination("-pk")
        rows = pages.page_of(ApiToken.objects.filter(user=cast(User, request.user)).current(), request)
        return pages.get_paginated_response(as_plain_data([token_out(row) for row in rows]))

    @extend_schema(
        operation_id="my_tokens_create",
        request=ApiTokenIn,
        responses={
            201: serializer_of(TokenOut),
            403: OpenApiResponse(ERROR, description="Called with a token: only a session may make tokens."),
            409: OpenApiResponse(ERROR, description="There are too many."),
        },
    )
    def post(self, request: Request) -> Response:
        """Make a token (signed-in browsers)."""
        require_session(request)
        body = ApiTokenIn(data=request.data)
        body.is_valid(raise_exception=True)
        days = body.validated_data["expires_in_days"]
        expires_at = timezone.now() + timedelta(days=days) if days else None
        scope = Scope(body.validated_data["scope"])
        made = api_tokens.create_token(cast(User, request.user), body.validated_data["name"], scope, expires_at)
        return Response(as_plain_data(_new_token_out(*made)), status=status.HTTP_201_CREATED)


class MyToken(Endpoint):
    @extend_schema(operation_id="my_tokens_destroy", responses={204: None})
    def delete(self, request: Request, token: int) -> Response:
        """Revoke a token."""
        row = own_token_for(request.user, token)
        with transaction.atomic():
            row.delete()
            record_event(EventKind.TOKEN_REVOKED, subject=row.name)
        return Response(status=status.HTTP_204_NO_CONTENT)


def token_out(row: ApiToken) -> ApiTokenOut:
    return ApiTokenOut(
        id=row.pk,
        name=row.name,
        prefix=row.prefix,
        scope=row.scope,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        is_legacy=row.is_legacy,
    )


def _new_token_out(row: ApiToken, key: str) -> TokenOut:
    return TokenOut(token=key, id=row.pk, name=row.name, scope=row.scope, expires_at=row.expires_at)
