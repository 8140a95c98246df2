"""Who am I, and the key with which programs call the API."""

from typing import Annotated, cast

from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.access import may_create_projects
from annotation.accounts.passwords import user_by_password
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, plain, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR
from annotation.models import Membership, User


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
    projects: Annotated[list[MyProjectOut], Doc("Where the caller is a member.")]


class SignInToken(APIView):
    authentication_classes = ()  # an old token or session must not stand in the way of a new one
    permission_classes = (AllowAny,)

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
        user = user_by_password(request, **body.validated_data)
        token, _created = Token.objects.get_or_create(user=user)
        return Response(plain(TokenOut(token=token.key)))


class Me(APIView):
    @extend_schema(operation_id="me_retrieve", responses=serializer_of(MeOut))
    def get(self, request: Request) -> Response:
        """Who the caller is, and in which projects."""
        user = cast(User, request.user)
        rows = Membership.objects.filter(user=user).select_related("project").order_by("project_id")
        me = MeOut(
            id=user.pk,
            username=user.username,
            is_admin=user.is_superuser,
            may_create_projects=may_create_projects(user),
            projects=[MyProjectOut(id=row.project_id, name=row.project.name, role=row.role) for row in rows],
        )
        return Response(plain(me))


class MyToken(APIView):
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
        return Response(plain(TokenOut(token=token.key)), status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="my_token_destroy", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take the token away."""
        Token.objects.filter(user=cast(User, request.user)).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
