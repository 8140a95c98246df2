"""Starting this version over the folder of an earlier release is the whole upgrade: real server, workers and Redis."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.operations.conftest import ROOT, readiness, wait_until
from tests.upgrade.kept import unpack

pytestmark = pytest.mark.service

START_SECONDS = 120  # for a machine that is busy with other tests
Get = Callable[[str], Any]


@pytest.fixture
def served(environment: dict[str, str], var: Path, free_port: int, before: dict[str, Any]) -> Iterator[Get]:
    """Serve the installation; return a function that asks the API by the lead's old token."""
    unpack(var)
    with (var / "out").open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )

    def get(address: str) -> Any:
        headers = {"Authorization": f"Token {before['tokens']['lead']}"}
        request = urllib.request.Request(f"http://127.0.0.1:{free_port}{address}", headers=headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    wait_until(lambda: server.poll() is not None or readiness(free_port).get("status") == "ok", START_SECONDS, "ready")
    assert server.poll() is None, (var / "out").read_text()[-4000:]
    yield get
    os.kill(server.pid, signal.SIGINT)
    assert server.wait(60) == 0


def test_starting_it_upgrades_and_goes_on(served: Get, before: dict[str, Any]) -> None:
    names = {project["name"]: project["id"] for project in served("/api/v1/projects/")["results"]}
    messages = f"/api/v1/projects/{names['Messages']}/"

    def ended() -> bool:
        runs = [
            run for kind in ("imports", "exports", "simulations") for run in served(messages + kind + "/")["results"]
        ]
        return all(run["status"] == "done" for run in runs)

    wait_until(ended, START_SECONDS, "what waited is done")
    # forty items more: a round is due of itself

    def rounds() -> list[dict[str, Any]]:
        return [
            row
            for row in served(messages + "rounds/")["results"]
            if row["number"] > before["counts"][str(names["Messages"])]["rounds"]
        ]

    newest = wait_until(
        lambda: next((row for row in rounds() if row["status"] == "done"), None), START_SECONDS, "a round"
    )
    assert newest["published"] > 0
