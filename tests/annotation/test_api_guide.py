"""The guide to the API: its examples run, in their order, and answer as it shows."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pytest_django.live_server_helper import LiveServer

from annotation.exports import exporting
from annotation.imports import importing
from annotation.models import User
from tests.conftest import PASSWORD

Json: TypeAlias = Any
GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
COMMANDS = re.findall(r"^```sh (\w+)\n(.*?)^```", GUIDE, re.M | re.S)
SHOWN = {name: json.loads(text) for name, text in re.findall(r"^```json (\w+)\n(.*?)^```", GUIDE, re.M | re.S)}


def missing(shown: Json, answered: Json, where: str = "") -> list[str]:
    """Return the places of an example that the real answer has not."""
    if isinstance(shown, dict):
        return [
            place
            for name, value in shown.items()
            for place in (
                missing(value, answered[name], f"{where}.{name}") if name in answered else [f"{where}.{name}"]
            )
        ]
    if isinstance(shown, list):
        return missing(shown[0], answered[0], f"{where}[0]")
    return []


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples call curl")
@pytest.mark.django_db(transaction=True)
def test_the_examples_run(live_server: LiveServer, lead: User, tmp_path: Path) -> None:
    User.objects.filter(pk=lead.pk).update(is_staff=True)
    places = {"MARGIN": live_server.url, "PASSWORD": PASSWORD, "PATH": os.environ["PATH"]}
    # what a reader keeps of an answer, and what a worker does meanwhile
    kept: dict[str, Callable[[Any], dict[str, Any]]] = {
        "token": lambda answered: {"TOKEN": answered["token"]},
        "project": lambda answered: {"PROJECT": answered["id"]},
        "import": lambda answered: {"IMPORT": answered["id"]},
        "next": lambda answered: {"ITEM": answered[0]["item"]["id"]},
        "export": lambda answered: {"EXPORT": answered["id"]},
    }
    workers = {"import": importing.run_import, "export": exporting.run_export}
    for name, command in COMMANDS[1:]:
        done = subprocess.run(
            ["bash", "-euc", command],
            env={**places, "PATH": "/usr/bin:/bin"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (name, done.stderr)
        answered = json.loads(done.stdout)
        assert missing(SHOWN.get(name, {}), answered) == [], (name, answered)
        assert ("error" in answered and bool(answered["error"])) == (name == "error"), (name, answered)
        places |= {key: str(value) for key, value in kept.get(name, lambda _answered: {})(answered).items()}
        if name in workers:
            workers[name](answered["id"])
        if name == "imported":
            assert (answered["status"], answered["rows_added"]) == ("done", 3)
    assert answered["error"]["details"] == SHOWN["error"]["error"]["details"]


def test_every_block_of_the_guide_is_known() -> None:
    assert set(SHOWN) <= {name for name, _command in COMMANDS}
    assert GUIDE.count("```") == 2 * (len(COMMANDS) + len(SHOWN))
