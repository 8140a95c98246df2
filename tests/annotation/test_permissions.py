"""Who may do what: ONE table over every address and method of the whole project.

A route that is not in the table fails the test, and so does a method that answers without being in it.
To add an endpoint, add its lines: the status for a lead, reviewer, annotator, stranger and for nobody
signed in. `world` holds what the addresses need (pk, item, member ...).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from annotation.accounts.api_tokens import create_token
from annotation.imports.image_storage import store_image
from annotation.imports.importing import create_import
from annotation.models import Annotation, Assignment, Export, Item, Membership, Project, Scope, User
from annotation.projects.members import create_invitation
from learner.engine.simulation.comparison import compare_trials
from learner.models import Simulation
from tests.pictures import picture

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PEOPLE = ("lead", "reviewer", "annotator", "stranger", "anonymous")
DOWN = 503  # in tests nothing runs besides the web server

World = dict[str, Any]


@dataclass(frozen=True)
class Row:
    route: str
    method: str
    statuses: tuple[int, ...]
    data: Any = None  # what to send, or a function of the world
    form: bool = False  # as a form rather than as JSON

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)

    def add(self, route: str, method: str, *statuses: int, data: Any = None, form: bool = False) -> None:
        assert len(statuses) == len(PEOPLE)
        self.rows.append(Row(route, method, statuses, data, form))

    def page(self, route: str, lead: int, reviewer: int, annotator: int) -> None:
        """A page of a project: strangers learn nothing, the unknown sign in first."""
        self.add(route, "GET", lead, reviewer, annotator, 404, 302)

    def api(self, route: str, method: str, lead: int, reviewer: int, annotator: int, data: Any = None) -> None:
        """A call about a project: strangers learn nothing, the unknown are asked who they are."""
        self.add(route, method, lead, reviewer, annotator, 404, 401, data=data)


TEXTS = b"text,label\nhello,ham\nbuy now,spam\n"


def _upload(world: World) -> dict[str, Any]:
    return {"file": ContentFile(TEXTS, name="texts.csv")}


def _table() -> list[Row]:
    t = Table()
    # The site
    t.add("javascript-catalog", "GET", 200, 200, 200, 200, 200)
    t.add("static-moved", "GET", 302, 302, 302, 302, 302)
    t.add("set_language", "POST", 302, 302, 302, 302, 302, data={"language": "en"}, form=True)
    for method in ("GET", "PUT", "PATCH", "DELETE"):  # Django's view answers them all and changes nothing
        t.add("set_language", method, 302, 302, 302, 302, 302)
    t.add("health-alive", "GET", 200, 200, 200, 200, 200)
    t.add("health-ready", "GET", DOWN, DOWN, DOWN, DOWN, DOWN)
    t.add("health-metrics", "GET", 404, 404, 404, 404, 404)  # for staff and whoever has the token
    t.add("api-schema", "GET", 200, 200, 200, 200, 401)
    t.add("api-docs", "GET", 200, 200, 200, 200, 302)

    # One's own account
    t.add("sign-in", "GET", 302, 302, 302, 302, 200)
    for method in ("POST", "PUT"):
        t.add("sign-in", method, 302, 302, 302, 302, 200, data={"username": "lead", "password": "no"}, form=True)
    for method in ("PATCH", "DELETE"):
        t.add("sign-in", method, 302, 302, 302, 302, 405)
    t.add("sign-out", "POST", 302, 302, 302, 302, 302)
    t.add("account-index", "GET", 200, 200, 200, 200, 302)
    t.add("account-index", "POST", 200, 200, 200, 200, 302, data={"old": "wrong", "new": "x"}, form=True)
    t.add("invitation-accept", "GET", 200, 200, 200, 200, 200)
    t.add("invitation-accept", "POST", 302, 302, 302, 302, 200)
    t.add("api-token", "POST", 400, 400, 400, 400, 400, data={"username": "lead", "password": "wrong"})
    t.add("api-me", "GET", 200, 200, 200, 200, 401)
    t.add("api-me", "PATCH", 200, 200, 200, 200, 401, data={"time_zone": "Asia/Shanghai"})
    t.add("api-my-tokens", "GET", 200, 200, 200, 200, 401)
    t.add("api-my-tokens", "POST", 201, 201, 201, 201, 401, data={"name": "script"})
    t.add("api-my-token", "DELETE", 204, 404, 404, 404, 401)  # the lead's
    t.add("api-guidelines-preview", "POST", 200, 200, 200, 200, 401, data={"text": "*hello*"})

    # Second factor and single sign-on: django-allauth's views
    t.add("account_login", "GET", 302, 302, 302, 302, 200)
    for method in ("POST", "PUT"):
        t.add("account_login", method, 302, 302, 302, 302, 200, data={"username": "lead", "password": "no"}, form=True)
    for method in ("PATCH", "DELETE"):
        t.add("account_login", method, 302, 302, 302, 302, 405)
    t.add("account_logout", "POST", 302, 302, 302, 302, 302)
    t.add("account-session-end", "POST", 302, 302, 302, 302, 302)
    signed_in, to_sign_in = (200, 200, 200, 200, 302), (302,) * 5
    nothing = (404, 404, 404, 404, 302)  # nobody of the cast has a second factor
    for route, get, post in (
        ("account_inactive", (200,) * 5, None),
        ("account_reauthenticate", signed_in, signed_in),
        ("mfa_index", signed_in, None),
        ("mfa_list_webauthn", signed_in, None),
        ("mfa_activate_totp", to_sign_in, to_sign_in),  # they confirm first that it is them
        ("mfa_deactivate_totp", nothing, nothing),
        ("mfa_add_webauthn", to_sign_in, to_sign_in),
        ("mfa_remove_webauthn", to_sign_in, to_sign_in),
        ("mfa_generate_recovery_codes", to_sign_in, to_sign_in),
        ("mfa_view_recovery_codes", nothing, None),
        ("mfa_download_recovery_codes", nothing, nothing),
        ("mfa_authenticate", to_sign_in, to_sign_in),
        ("mfa_login_webauthn", to_sign_in, to_sign_in),
        ("mfa_reauthenticate", to_sign_in, to_sign_in),
        ("mfa_reauthenticate_webauthn", to_sign_in, to_sign_in),
        ("socialaccount_connections", signed_in, signed_in),
        ("socialaccount_signup", to_sign_in, to_sign_in),
        ("socialaccount_login_cancelled", (200,) * 5, None),
        ("socialaccount_login_error", (401,) * 5, None),
        ("openid_connect_login", (404,) * 5, (404,) * 5),  # none is set up
        ("openid_connect_callback", (404,) * 5, (404,) * 5),
    ):
        t.add(route, "GET", *get)
        if post:
            t.add(route, "POST", *post)

    # Accounts: only admins, and none of the cast is one
    t.add("accounts-index", "GET", 404, 404, 404, 404, 302)
    t.add("accounts-show", "GET", 404, 404, 404, 404, 302)
    t.add("api-accounts", "GET", 404, 404, 404, 404, 401)
    t.add("api-accounts", "POST", 404, 404, 404, 404, 401, data={"username": "newcomer"})
    t.add("api-account", "GET", 404, 404, 404, 404, 401)
    t.add("api-account", "PATCH", 404, 404, 404, 404, 401, data={"is_admin": True})
    t.add("api-account-second-factor", "DELETE", 404, 404, 404, 404, 401)
    for act in ("reset-link", "sign-out", "anonymise"):
        t.add(f"api-account-{act}", "POST", 404, 404, 404, 404, 401)
    t.add("password-forgotten", "GET", 200, 200, 200, 200, 200)
    t.add("password-forgotten", "POST", 200, 200, 200, 200, 200, data={"email": "a@example.org"}, form=True)
    for method in ("GET", "POST"):  # the link is not valid
        t.add("password-reset-confirm", method, 200, 200, 200, 200, 200)

    # Projects: only staff may make one, and none of the cast is staff
    project = {"name": "New", "task_type": "text_classification", "labels": [{"name": "a"}, {"name": "b"}]}
    t.add("projects-index", "GET", 200, 200, 200, 200, 302)
    t.add("project-create", "GET", 403, 403, 403, 403, 302)
    t.add("api-projects", "GET", 200, 200, 200, 200, 401)
    t.add("api-projects", "POST", 403, 403, 403, 403, 401, data=project)
    t.page("project-settings", 200, 403, 403)
    t.api("api-project", "GET", 200, 200, 200)
    t.api("api-project", "PATCH", 200, 403, 403, data={"name": "Another name"})
    t.api("api-project", "DELETE", 204, 403, 403)
    t.api("api-project-pause", "POST", 200, 403, 403, data={"paused": True})

    rename = {"kind": "rename", "label": "ham", "into": ["good"]}
    t.api("api-label-changes", "GET", 200, 403, 403)
    t.api("api-label-changes", "POST", 201, 403, 403, data=rename)

    # People
    t.page("members-index", 200, 403, 403)
    t.api("api-members", "GET", 200, 200, 200)
    t.api("api-members", "POST", 201, 403, 403, data={"username": "stranger", "role": "annotator"})
    t.api("api-member", "PATCH", 200, 403, 403, data={"role": "reviewer"})
    t.api("api-member", "DELETE", 204, 403, 403)
    t.api("api-release", "POST", 200, 403, 403)
    t.api("api-invitations", "GET", 200, 403, 403)
    t.api("api-invitations", "POST", 201, 403, 403, data={"role": "annotator"})
    t.api("api-invitation", "DELETE", 204, 403, 403)

    # Who did what
    t.page("events-project", 200, 403, 403)
    t.api("api-project-events", "GET", 200, 403, 403)
    t.add("events-index", "GET", 404, 404, 404, 404, 302)  # for admins, of whom none is in the cast
    t.add("api-events", "GET", 404, 404, 404, 404, 401)

    # Items and answers; undo is for the annotator whose answer it is, nobody else
    answer = {"uuid": "6f1f2d0e-4d0c-4d8e-9a53-0d8f3f4b8a11", "outcome": "label", "value": {"labels": ["ham"]}}
    t.page("items-index", 200, 200, 200)
    t.page("items-show", 200, 200, 200)
    t.page("item-image", 200, 200, 200)
    t.api("api-items", "GET", 200, 200, 200)
    t.api("api-item", "GET", 200, 200, 200)
    t.page("annotate-index", 200, 200, 200)
    t.api("api-next", "POST", 200, 200, 200, data={"n": 1})
    t.api("api-annotations", "GET", 200, 200, 200)
    t.api("api-annotations", "POST", 201, 201, 403, data=lambda world: {**answer, "item": world["item"]})  # unasked
    t.api("api-own-answers", "GET", 200, 200, 200)
    t.add("api-undo", "POST", 404, 404, 200, 404, 401)

    # Data in and out: for leads
    t.page("imports-index", 200, 403, 403)
    t.page("import-show", 200, 403, 403)
    t.page("exports-index", 200, 403, 403)
    t.api("api-imports", "GET", 200, 403, 403)
    t.add("api-imports", "POST", 202, 403, 403, 404, 401, data=_upload, form=True)
    t.api("api-import", "GET", 200, 403, 403)
    t.api("api-import", "PATCH", 200, 403, 403, data={})
    t.api("api-import", "DELETE", 204, 403, 403)
    t.api("api-import-start", "POST", 202, 403, 403, data={"mapping": {"text": "text"}})
    t.api("api-import-cancel", "POST", 409, 403, 403)  # a draft is discarded instead
    t.api("api-import-rejects", "GET", 200, 403, 403)
    t.api("api-exports", "GET", 200, 403, 403)
    t.api("api-exports", "POST", 202, 403, 403, data={"format": "csv"})
    t.api("api-export", "GET", 200, 403, 403)
    t.api("api-export-cancel", "POST", 200, 403, 403)
    t.api("api-export-download", "GET", 200, 403, 403)
    t.api("api-export-preview", "GET", 200, 403, 403, data={"format": "csv"})

    # Learning
    t.page("dashboard-index", 200, 200, 403)
    t.api("api-progress", "GET", 200, 200, 403)
    t.api("api-rounds", "GET", 200, 200, 403)
    t.api("api-rounds", "POST", 202, 403, 403)
    t.page("simulations-index", 200, 403, 403)
    t.page("simulation-show", 200, 403, 403)
    t.api("api-simulations", "GET", 200, 403, 403)
    t.api("api-simulations", "POST", 400, 403, 403, data={"strategies": ["margin"], "learners": ["svm"]})  # few labels
    t.api("api-simulation", "GET", 200, 403, 403)
    t.api("api-simulation-cancel", "POST", 200, 403, 403)
    t.api("api-simulation-plot", "GET", 200, 403, 403)
    t.api("api-simulation-points", "GET", 200, 403, 403)
    return t.rows


ROWS = _table()
LISTED = {(row.route, row.method) for row in ROWS}


def routes(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern)
        else:
            yield pattern


ROUTES = {str(pattern.name): pattern for pattern in routes()}


@pytest.fixture
def world(
    project: Project,
    annotator: User,
    lead: User,
    stranger: User,
    make_items: Callable[..., list[Item]],
) -> World:
    """One of everything that an address can name."""
    first, second, third = make_items(project, 3)
    Item.objects.filter(pk=third.pk).update(content=store_image(project.pk, picture()))
    mine = Annotation.objects.create(
        project=project, item=second, user=annotator, outcome="label", value={"labels": ["ham"]}, reason="random"
    )
    Item.objects.filter(pk=second.pk).update(answers=1)
    Assignment.objects.create(
        project=project, item=second, user=annotator, reason="random", answered=True, expires_at=timezone.now()
    )
    invitation, link = create_invitation(project, lead, "annotator", max_uses=10)
    draft = create_import(project, lead, SimpleUploadedFile("texts.csv", TEXTS))
    done = Export.objects.create(
        project=project, format="csv", status="done", file=ContentFile(TEXTS, name="texts.csv")
    )
    options = {
        "strategies": ["margin"],
        "learners": ["svm"],
        "budget": 20,
        "seeds": 1,
        "batch": 20,
        "metric": "accuracy",
    }
    figures = compare_trials([], {}, [20]).as_json()
    simulation = Simulation.objects.create(
        project=project,
        status="done",
        options=options,
        comparison=figures,
        points="labels\n",
        plot=b"\x89PNG",
        snapshot={"pool": 60, "held": 20, "by_test_sample": False},
    )
    return {
        "pk": project.pk,
        "item": first.pk,
        "picture": third.pk,
        "member": Membership.objects.get(project=project, user=annotator).pk,
        "invitation": invitation.pk,
        "link": link,
        "token": create_token(lead, "script", Scope.READ, None)[0].pk,
        "uuid": mine.uuid,
        "account": annotator.pk,
        "uidb64": "MQ",
        "session": 1,
        "provider_id": "sso",
        "digest": "0123456789ab",
        "language": "en",
        "path": "js/main.js",
        "import": draft.pk,
        "export": done.pk,
        "simulation": simulation.pk,
    }


def send(client: Client, route: str, method: str, world: World, row: Row | None = None) -> int:
    kind = next((name for name in ("export", "simulation") if name in route), "import")
    world = {**world, "run": world[kind], "item": world["picture" if "image" in route else "item"]}
    if route == "invitation-accept":
        world["token"] = world["link"]
    address = reverse(route, kwargs={name: world[name] for name in ROUTES[route].pattern.converters})
    data = row.data(world) if row and callable(row.data) else row.data if row else None
    if data is not None and (method == "GET" or (row and row.form and method == "POST")):
        return getattr(client, method.lower())(address, data).status_code
    content = {"data": data, "content_type": "application/json"} if data is not None and not (row and row.form) else {}
    return getattr(client, method.lower())(address, **content).status_code


def test_every_route_is_in_the_table() -> None:
    unnamed = [str(pattern.pattern) for pattern in routes() if not pattern.name]
    assert not unnamed, "give these routes names"
    missing = set(ROUTES) - {row.route for row in ROWS}
    assert not missing, "add lines to the table: who may do what there?"
    assert not {row.route for row in ROWS} - set(ROUTES), "these routes are gone: take their lines away"


def test_no_line_twice() -> None:
    assert len(ROWS) == len(LISTED)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_may(row: Row, world: World, client_of: Callable[..., Client], request: pytest.FixtureRequest) -> None:
    found = []
    for person in PEOPLE:
        user = None if person == "anonymous" else request.getfixturevalue(person)
        client = client_of(user)
        client.raise_request_exception = False
        with transaction.atomic():
            found.append(send(client, row.route, row.method, world, row))
            transaction.set_rollback(True)
    assert dict(zip(PEOPLE, found, strict=True)) == dict(zip(PEOPLE, row.statuses, strict=True))


@pytest.mark.parametrize("route", sorted({row.route for row in ROWS}))
def test_methods_that_are_not_listed_are_refused(
    route: str, world: World, lead: User, client_of: Callable[..., Client]
) -> None:
    if route not in ROUTES:
        pytest.skip("not here (another test says so)")
    client = client_of(lead)
    others = [method for method in METHODS if (route, method) not in LISTED]
    assert {method: send(client, route, method, world) for method in others} == dict.fromkeys(others, 405)
