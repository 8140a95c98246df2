"""Who am I, and the key with which programs call the API."""

from typing import Annotated, cast

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import OpenApiResponse, extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from annotation.access import may_create_projects
from annotation.api.endpoint import Endpoint
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, plain, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR
from annotation.errors import InvalidRequest, MarginError
from annotation.events.recording import record
from annotation.models import EventKind, Membership, User
from annotation.time_zones import zone_named


class WrongCredentials(MarginError):
    message = gettext_noop("That user name and password do not go together.")
    code = "wrong_credentials"


class SignInThrottle(SimpleRateThrottle):
    """Limits guesses, counted together with those on the sign-in page.

    Without its cache it lets people in rather than keep everybody out.
    """

    scope = "sign-in"

    def ident(self, request: Request) -> str:
        raise NotImplementedError

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.ident(request)}

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError:
            return True


class AddressSignInThrottle(SignInThrottle):
    def ident(self, request: Request) -> str:
        return f"address:{request.META.get('REMOTE_ADDR', '')}"  # not a forwarded one, which can be made up


class UsernameSignInThrottle(SignInThrottle):
    def ident(self, request: Request) -> str:
        body = request.data if isinstance(request.data, dict) else {}
        return f"name:{str(body.get('username', ''))[:150].casefold().encode().hex()}"


class CredentialsIn(RequestSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(trim_whitespace=False, max_length=4096)


@response_object
class TokenOut:
    token: str


@response_object
class MyTokenOut:
    token: str | None


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
    throttle_classes = (AddressSignInThrottle, UsernameSignInThrottle)

    @extend_schema(
        operation_id="token_create",
        request=CredentialsIn,
        responses={
            200: serializer_of(TokenOut),
            400: OpenApiResponse(ERROR, description="Wrong credentials, or none."),
            429: OpenApiResponse(ERROR, description="Too many guesses: wait for the seconds of `Retry-After`."),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Exchange user name and password for the user's token; the same one each time."""
        body = CredentialsIn(data=request.data)
        body.is_valid(raise_exception=True)
        user = authenticate(request, **body.validated_data)
        if user is None:
            raise WrongCredentials
        token, created = Token.objects.get_or_create(user=user)
        if created:
            record(EventKind.TOKEN_CREATED, by=user)
        return Response(plain(TokenOut(token=token.key)))


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
        return Response(plain(me_out(cast(User, request.user))))

    @extend_schema(operation_id="me_update", request=MeIn, responses=serializer_of(MeOut))
    def patch(self, request: Request) -> Response:
        """Change the time zone in which the caller reads times."""
        user = cast(User, request.user)
        body = MeIn(data=request.data)
        body.is_valid(raise_exception=True)
        name = body.validated_data["time_zone"]
        if name and zone_named(name) is None:
            message = _("There is no time zone “%(name)s”. Its name is such as Europe/Berlin.")
            raise InvalidRequest(message % {"name": name}, {"field": "time_zone"})
        user.time_zone = name
        user.save(update_fields=["time_zone"])
        return Response(plain(me_out(user)))


class MyToken(Endpoint):
    without_body = frozenset({"POST"})

    @extend_schema(operation_id="my_token_retrieve", responses=serializer_of(MyTokenOut))
    def get(self, request: Request) -> Response:
        """The caller's token, or null."""
        token = Token.objects.filter(user=cast(User, request.user)).first()
        return Response(plain(MyTokenOut(token=token.key if token else None)))

    @extend_schema(operation_id="my_token_create", request=None, responses={201: serializer_of(TokenOut)})
    def post(self, request: Request) -> Response:
        """Make a new token; the one before stops working."""
        user = cast(User, request.user)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)  # two calls at once: one after the other
            Token.objects.filter(user=user).delete()
            token = Token.objects.create(user=user)
            record(EventKind.TOKEN_CREATED, by=user)
        return Response(plain(TokenOut(token=token.key)), status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="my_token_destroy", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take the token away."""
        if Token.objects.filter(user=cast(User, request.user)).delete()[0]:
            record(EventKind.TOKEN_REVOKED)
        return Response(status=status.HTTP_204_NO_CONTENT)
