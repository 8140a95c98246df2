"""The installation that a release left behind, unpacked and migrated once, and a worker that runs in this process."""

import json
import lzma
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import LazySettings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from alproject.celery import app
from tests.operations.conftest import environment, free_port, var  # noqa: F401  (fixtures)
from tests.upgrade.kept import DATABASE, RELEASE, drop, restore, unpack


@pytest.fixture(scope="session")
def before() -> dict[str, Any]:
    """What the release answered; see made_record.py."""
    found: dict[str, Any] = json.loads(lzma.decompress((RELEASE / "before.json.xz").read_bytes()))
    return found


@pytest.fixture(scope="module")
def upgraded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The folder with the installation's files; the database of this run is the installation's, migrated."""
    folder = unpack(tmp_path_factory.mktemp("installation"))
    with django_db_blocker.unblock(), _database_of(folder):
        call_command("migrate", interactive=False, verbosity=0)
        yield folder


@pytest.fixture
def installation(upgraded: Path, db: None, settings: LazySettings, tmp_path: Path) -> None:
    """The upgraded installation, for one test: what it changes is undone, and its files are copies."""
    for name in ("media", "store"):
        shutil.copytree(upgraded / name, tmp_path / "upgraded" / name)
    settings.MEDIA_ROOT = tmp_path / "upgraded" / "media"
    settings.STORE_ROOT = tmp_path / "upgraded" / "store"


@pytest.fixture
def then(before: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the moment at which the release answered: figures that go by the clock are those of that moment."""
    moment = datetime.fromisoformat(before["now"])
    monkeypatch.setattr(timezone, "now", lambda: moment)


class Worker:
    """All workers and the clock in one: what is sent to them is run here, one after the other."""

    def __init__(self) -> None:
        self._sent: deque[tuple[str, tuple[Any, ...], dict[str, Any]]] = deque()

    def send(self, name: str, args: Any = (), kwargs: Any = None, **_options: Any) -> None:
        self._sent.append((name, tuple(args or ()), dict(kwargs or {})))

    def sweep(self) -> None:
        """Do what the sweeps find, and what that leads to, until nothing is left to do."""
        for name in ("annotation.tasks.sweep", "learner.tasks.sweep"):
            self.send(name)
        while self._sent:
            name, args, kwargs = self._sent.popleft()
            app.tasks[name].apply(args, kwargs, throw=True)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    app.loader.import_default_modules()
    found = Worker()
    monkeypatch.setattr(Celery, "send_task", lambda _app, *args, **options: found.send(*args, **options))
    app.conf.update(task_always_eager=True, task_eager_propagates=True)  # what a task hands on by itself
    yield found
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@contextmanager
def _database_of(folder: Path) -> Iterator[None]:
    """Let the one connection lead to the installation's database."""
    known = connection.settings_dict
    usual, name = known["NAME"], f"{known['NAME']}_upgraded"
    connection.close()
    if connection.vendor == "sqlite":
        known["NAME"] = str(folder / DATABASE)
    else:
        known["NAME"] = name
        restore(connection.get_connection_params())
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        known["NAME"] = usual
        ContentType.objects.clear_cache()
        if connection.vendor == "postgresql":
            drop({**connection.get_connection_params(), "dbname": name})
