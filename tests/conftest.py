"""The cast: a lead (owner), an annotator and a reviewer (members), a stranger, and an instance admin."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from django.conf import LazySettings, settings
from django.db import connection, connections
from django.template import engines
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from alproject import private_redis
from alproject.celery import app as celery_app
from alproject.supervisor import Supervisor
from annotation.broker import BROKER_ERRORS
from annotation.imports.importing import content_hash
from annotation.models import Item, Label, Membership, Project, Role, User
from annotation.outbox import Outbox
from tests import api_document, kinds
from tests.scale import SCALE, scaled

PASSWORD = "a-long-test-password"
REDIS = pytest.StashKey[Supervisor]()


def pytest_configure(config: pytest.Config) -> None:
    for kind, meaning in kinds.KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {meaning}")
    hypothesis.settings.register_profile("margin", deadline=None, max_examples=scaled(100))  # however slow the machine
    hypothesis.settings.load_profile("margin")
    _find_redis(config)


def _find_redis(config: pytest.Config) -> None:
    """Give the run a Redis: that of REDIS_URL, else one of its own, shared by all its processes."""
    if "REDIS_URL" not in os.environ:
        directory = Path(tempfile.mkdtemp(prefix="margin-test-"))
        config.stash[REDIS] = Supervisor(env=os.environ, directory=directory, logs=directory)
        url = private_redis.write_configuration(directory)
        config.stash[REDIS].start(private_redis.redis_program(directory))
        assert private_redis.wait_until_reachable(url), (directory / "redis.log").read_text()
        os.environ["REDIS_URL"] = url
    prefix = f"margin-test-{os.environ.get('PYTEST_XDIST_WORKER', os.getpid())}:"
    os.environ["MARGIN_BROKER_PREFIX"] = prefix
    settings.REDIS_URL = settings.CELERY_BROKER_URL = celery_app.conf.broker_url = os.environ["REDIS_URL"]
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = prefix
    celery_app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    settings.CELERY_RESULT_BACKEND = celery_app.conf.result_backend = os.environ["REDIS_URL"]
    celery_app.conf.result_backend_transport_options = {"global_keyprefix": prefix}


def pytest_unconfigure(config: pytest.Config) -> None:
    if supervisor := config.stash.get(REDIS, None):
        supervisor.stop()
        shutil.rmtree(supervisor.directory)
        del os.environ["REDIS_URL"]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test its kind; leave out, and say so, what only PostgreSQL or `make verify` can do.

    Real programs come first: they take long and mostly wait, while other tests can run beside them.
    """
    kinds.mark(items)
    items.sort(key=lambda item: item.get_closest_marker("service") is None)
    for item in items:
        if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL"))
        if item.get_closest_marker("full") and SCALE == 1:
            item.add_marker(pytest.mark.skip(reason="for `make verify`: set MARGIN_TEST_SCALE"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put SQLite into a file, as in real life; in memory it knows no WAL, and threads lock each other out."""
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def _own_places(settings: LazySettings, tmp_path: Any) -> None:
    """Every test has media, feature store and cache of its own, a fast password hasher, and begins in English."""
    translation.activate("en")  # a request in another language leaves that behind
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORE_ROOT = tmp_path / "store"
    settings.STALE_SECONDS = 600  # else a slow round's thread commits signs of life beside the test's transaction
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }


@pytest.fixture(autouse=True)
def _messages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell the broker at once what a thread would tell it in a moment, under names that no test had before."""

    def post(outbox: Outbox, key: object, send: Callable[[], object], delay_seconds: float = 0.0) -> None:
        with suppress(*BROKER_ERRORS):
            send()

    monkeypatch.setattr(Outbox, "post", post)
    prefix = f"{os.environ['MARGIN_BROKER_PREFIX']}{uuid4().hex}:"
    monkeypatch.setitem(settings.CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix", prefix)


@pytest.fixture(autouse=True)
def _answers_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every answer of the API against the OpenAPI document, whichever client a test calls it with."""
    plain_request = Client.request

    def request(self: Client, **environ: Any) -> Any:
        response = plain_request(self, **environ)
        api_document.check(environ["REQUEST_METHOD"], environ["PATH_INFO"], response)
        return response

    monkeypatch.setattr(Client, "request", request)


class _Missing(str):
    """What a template shows in place of a variable that is not there: an error, else a renamed field shows nothing."""

    def __contains__(self, part: object) -> bool:
        return True

    def __mod__(self, variable: object) -> str:
        raise AssertionError(f"A template names “{variable}”, which is not there.")


@pytest.fixture(autouse=True)
def _templates_name_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", _Missing("%s"))  # type: ignore[attr-defined]


def _user(name: str, **extra: Any) -> User:
    return User.objects.create_user(username=name, password=PASSWORD, **extra)


@pytest.fixture
def lead(db: None) -> User:
    return _user("lead")


@pytest.fixture
def annotator(db: None) -> User:
    return _user("annotator")


@pytest.fixture
def reviewer(db: None) -> User:
    return _user("reviewer")


@pytest.fixture
def stranger(db: None) -> User:
    return _user("stranger")


@pytest.fixture
def admin(db: None) -> User:
    return _user("admin", is_staff=True, is_superuser=True)


@pytest.fixture
def project(lead: User, annotator: User, reviewer: User) -> Project:
    project = Project.objects.create(name="SMS spam", task_type="text_classification", created_by=lead, seed=1)
    for order, name in enumerate(["ham", "spam"]):
        Label.objects.create(project=project, name=name, key=str(order + 1), order=order)
    for user, role in [(lead, Role.LEAD), (annotator, Role.ANNOTATOR), (reviewer, Role.REVIEWER)]:
        Membership.objects.create(project=project, user=user, role=role)
    return project


@pytest.fixture
def make_items(db: None) -> Callable[..., list[Item]]:
    """Return a function (project, texts, **fields) -> items, appended at the next positions."""

    def make(project: Project, texts: list[str] | int, **fields: Any) -> list[Item]:
        names = [f"text number {n}" for n in range(texts)] if isinstance(texts, int) else texts
        start = project.item_count
        rows = [
            Item(
                project=project,
                position=start + n,
                content={"text": text},
                content_hash=content_hash({"text": text}),
                **fields,
            )
            for n, text in enumerate(names)
        ]
        project.item_count = start + len(rows)
        project.save(update_fields=["item_count"])
        return Item.objects.bulk_create(rows)

    return make


@pytest.fixture
def client_of() -> Callable[[User | None], Client]:
    """Return a function user -> browser client, signed in (None: anonymous)."""

    def make(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def api_of() -> Callable[[User | None], APIClient]:
    """Return a function user -> API client, authenticated (None: anonymous)."""

    def make(user: User | None) -> APIClient:
        client = APIClient()
        if user:
            client.force_login(user)
        return client

    return make
