"""Made-up calls of every operation, by everybody: the API does what its OpenAPI document says, and never fails.

Schemathesis makes the calls from the document, right ones and wrong ones, and judges the answers. Half of them name
rows that exist, those of the permission matrix; each call is rolled back.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import LazySettings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import reverse
from hypothesis.errors import FailedHealthCheck, Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from annotation.models import User
from tests.annotation.test_permissions import World
from tests.api_document import document
from tests.conftest import PASSWORD
from tests.scale import SCALE

ROLES = ("anonymous", "annotator", "lead", "admin")
ROLE_SECONDS = 6 if SCALE == 1 else 60
CALLS = 2  # of one operation in one go
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
ONLY_ITSELF = ("/api/v1/me/tokens/", "/api/v1/token/", "/api/v1/accounts/")  # what would end the token of the calls


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    """The operations of the document, without the answer that stands for any other."""
    strict = copy.deepcopy(document())
    for calls in strict["paths"].values():
        for call in calls.values():
            del call["responses"]["default"]
    schema = schemathesis.openapi.from_dict(strict)
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


@contextmanager
def one_connection() -> Iterator[None]:
    """Let no request end the test's transaction by closing its connection, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def places(operation: Any, world: World) -> dict[str, Any]:
    """Return rows that exist for the parameters of an address."""
    kind = next((name for name in ("export", "simulation") if name in operation.path), "import")
    known = {**world, "id": world["pk"], "run": world[kind], "uuid": str(world["uuid"])}
    return {name: known[name] for name in known if f"{{{name}}}" in operation.path}


def strategies(operation: Any, world: World) -> list[Any]:
    """Return how right and wrong calls are made up, about rows that exist and about any."""
    return [
        operation.as_strategy(mode, path_parameters=parameters)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for parameters in (places(operation, world), None)
    ]


def call_some(strategy: Any, headers: dict[str, str]) -> int:
    """Make some calls; return how many there were. Raises what schemathesis finds."""
    calls = 0

    @hypothesis.settings(
        max_examples=CALLS,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
        print_blob=False,
    )
    @hypothesis.given(strategy)
    def call(case: Any) -> None:
        nonlocal calls
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        calls += 1
        case.validate_response(response, checks=CHECKS)

    with suppress(Unsatisfiable, FailedHealthCheck):  # a call without parameters cannot be wrong
        call()
    return calls


@pytest.mark.parametrize("role", ROLES)
def test_the_api_keeps_its_word(
    role: str, operations: list[Any], world: World, settings: LazySettings, request: pytest.FixtureRequest
) -> None:
    settings.SIGN_IN_RATE = (100_000, 60)
    headers = {} if role == "anonymous" else {"Authorization": f"Token {token_of(request.getfixturevalue(role))}"}
    wanted = [one for one in operations if not one.path.startswith(ONLY_ITSELF) or role == "anonymous"]
    made = {operation.label: strategies(operation, world) for operation in wanted}
    calls, deadline = dict.fromkeys(made, 0), time.monotonic() + ROLE_SECONDS
    turn = ROLES.index(role)  # so that in a short run each way is somebody's first
    with one_connection():
        while time.monotonic() < deadline or not all(calls.values()):
            for label, ways in made.items():
                if time.monotonic() < deadline or not calls[label]:
                    calls[label] += call_some(ways[turn % len(ways)], headers)
            turn += 1
    print(f"{role}: {sum(calls.values())} calls of {len(calls)} operations")


def token_of(user: User) -> str:
    body = {"username": user.username, "password": PASSWORD}
    token: str = Client().post(reverse("api-token"), body, content_type="application/json").json()["token"]
    return token
