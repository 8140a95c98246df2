"""Who am I, and the key with which programs call the API."""

from typing import Any, cast

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from annotation.access import may_create_projects
from annotation.errors import MarginError
from annotation.models import Membership, User


class WrongCredentials(MarginError):
    message = gettext_noop("That user name and password do not go together.")
    code = "wrong_credentials"


class Guesses(SimpleRateThrottle):
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


class GuessesByAddress(Guesses):
    def ident(self, request: Request) -> str:
        return f"address:{request.META.get('REMOTE_ADDR', '')}"  # not a forwarded one, which can be made up


class GuessesByName(Guesses):
    def ident(self, request: Request) -> str:
        given = request.data if isinstance(request.data, dict) else {}
        return f"name:{str(given.get('username', ''))[:150].casefold().encode().hex()}"


class CredentialsIn(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(trim_whitespace=False, max_length=4096)


class TokenOut(serializers.Serializer[Any]):
    token = serializers.CharField()


class MyTokenOut(serializers.Serializer[Any]):
    token = serializers.CharField(allow_null=True)


class MyProjectOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.CharField()


class MeOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    is_admin = serializers.BooleanField(help_text="An instance admin may do everything in every project.")
    may_create_projects = serializers.BooleanField()
    projects = MyProjectOut(many=True, help_text="Where the caller is a member.")


class SignInToken(APIView):
    authentication_classes = ()  # an old token or session must not stand in the way of a new one
    permission_classes = (AllowAny,)
    throttle_classes = (GuessesByAddress, GuessesByName)

    @extend_schema(operation_id="token_create", request=CredentialsIn, responses=TokenOut, auth=[])
    def post(self, request: Request) -> Response:
        """Exchange user name and password for the user's token; the same one each time."""
        given = CredentialsIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data)
        if user is None:
            raise WrongCredentials
        token, _created = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})


class Me(APIView):
    @extend_schema(operation_id="me_retrieve", responses=MeOut)
    def get(self, request: Request) -> Response:
        """Who the caller is, and in which projects."""
        user = cast(User, request.user)
        rows = Membership.objects.filter(user=user).select_related("project").order_by("project_id")
        return Response(
            {
                "id": user.pk,
                "username": user.username,
                "is_admin": user.is_superuser,
                "may_create_projects": may_create_projects(user),
                "projects": [{"id": row.project_id, "name": row.project.name, "role": row.role} for row in rows],
            }
        )


class MyToken(APIView):
    @extend_schema(operation_id="my_token_retrieve", responses=MyTokenOut)
    def get(self, request: Request) -> Response:
        """The caller's token, or null."""
        token = Token.objects.filter(user=cast(User, request.user)).first()
        return Response({"token": token.key if token else None})

    @extend_schema(operation_id="my_token_create", request=None, responses={201: TokenOut})
    def post(self, request: Request) -> Response:
        """Make a new token; the one before stops working."""
        user = cast(User, request.user)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)  # two calls at once: one after the other
            Token.objects.filter(user=user).delete()
            token = Token.objects.create(user=user)
        return Response({"token": token.key}, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="my_token_destroy", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take the token away."""
        Token.objects.filter(user=cast(User, request.user)).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
