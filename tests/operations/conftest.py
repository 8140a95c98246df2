"""Running the real programs: a folder and a port of their own, and a look at what they leave behind."""

import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder for MARGIN_VAR; whatever still runs with it when the test ends is killed."""
    directory = tmp_path / "var"
    directory.mkdir()
    yield directory
    for process in processes_of(directory):
        process.kill()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(var: Path, free_port: int) -> dict[str, str]:
    """What a fresh machine has, and nothing that this test run set for itself."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {
        **kept,
        "MARGIN_VAR": str(var),
        "MARGIN_PORT": str(free_port),
        "MARGIN_WEB_WORKERS": "1",
        "MARGIN_SWEEP_SECONDS": "3",
        "MARGIN_BROKER_PREFIX": f"margin-test-{free_port}:",
    }


def processes_of(var: Path) -> list[psutil.Process]:
    """Every process that was started with this MARGIN_VAR, wherever in the tree it is now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MARGIN_VAR") == str(var) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true answer; fail with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.05)
    pytest.fail(f"{what}: not within {seconds:g} s")


def readiness(port: int) -> dict[str, Any]:
    """What /readyz says now; {} when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as response:
            return dict(json.load(response))
    except urllib.error.HTTPError as error:
        return dict(json.load(error)) if error.code == 503 else {}
    except OSError:
        return {}
