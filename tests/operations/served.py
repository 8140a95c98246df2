"""Databases and environments for scenarios, and how to run one."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.operations.conftest import ROOT
from tests.operations.reach_postgres import main as cannot_reach

POSTGRES = os.environ.get("DATABASE_URL_TEST") or "postgres://postgres@127.0.0.1:5432/margin"


@contextmanager
def fresh_database(kind: str, name: str) -> Iterator[str]:
    """Give the DATABASE_URL of an empty database; SQLite's is "". Skips where there is no PostgreSQL, but in CI."""
    if kind == "sqlite":
        yield ""
        return
    if cannot_reach(POSTGRES):
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs PostgreSQL at {POSTGRES}")
        pytest.skip(f"no PostgreSQL at {POSTGRES}")
    base = urlsplit(POSTGRES)
    with psycopg.connect(base._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield base._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def run_scenario(name: str, environment: dict[str, str], *arguments: str, seconds: float = 300) -> None:
    """Run tests/operations/scenario_<name>.py; fail with its output unless it ends well."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.operations.scenario_{name}", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]


def scenario_environment(environment: dict[str, str], database_url: str, **more: str) -> dict[str, str]:
    """Return what a scenario runs in: a database and a Redis of its own, and no limit or delay on signing in."""
    return {
        **environment,
        "DJANGO_SETTINGS_MODULE": "tests.operations.quick_settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "MARGIN_SIGN_IN_RATE": "100000/min",
        **more,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
