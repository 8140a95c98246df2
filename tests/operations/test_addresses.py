"""Every address that Margin knows, asked once: no error of ours, and the content security policy on each."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from annotation.models import Project, User

SAMPLES = {"uuid": str(uuid4()), "token": "nobody-has-this", "key": "nothing"}


def patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Yield the address of each pattern below a resolver, with its <converter:name> parts."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern).removesuffix("\\Z")


def filled(address: str, numbers: dict[str, int]) -> str:
    parts = []
    for part in address.split("/"):
        name = part.strip("<>").split(":")[-1]
        parts.append(str(numbers.get(name, SAMPLES.get(name, 1))) if part.startswith("<") else part)
    return "/".join(parts)


@pytest.mark.parametrize("signed_in", [True, False])
def test_every_address_answers_under_the_policy(
    signed_in: bool, client_of: Callable[..., Client], project: Project, make_items: Any, lead: User
) -> None:
    make_items(project, 3)
    client = client_of(lead if signed_in else None)
    client.raise_request_exception = False
    numbers = {"pk": project.pk, "project": project.pk, "item": project.items.get(position=0).pk}
    addresses = sorted({filled(pattern, numbers) for pattern in patterns(get_resolver())})
    assert {"/", "/healthz", f"/api/v1/projects/{project.pk}/next/"} <= set(addresses)
    failed, bare = [], []
    for address in addresses:
        response = client.get(address)
        if response.status_code >= 500 and address != "/readyz":
            failed.append(address)
        policy = response.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy:
            bare.append(address)
    assert not failed
    assert not bare


def test_pages_of_errors_have_the_policy_too(client: Client, settings: LazySettings, db: None) -> None:
    response = client.get("/there-is-no-such-page")
    assert response.status_code == 404
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
