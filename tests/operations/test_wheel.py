"""The wheel, installed outside the source folder: all of its files are there, and `margin run` runs Margin."""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from margin import __version__
from tests.operations.conftest import ROOT, processes_of, readiness, wait_until

pytestmark = pytest.mark.service

START_SECONDS, STOP_SECONDS = 120, 30  # for a machine that is busy with other tests
PACKAGES = ("alproject", "annotation", "learner", "margin")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree; nothing is fetched for it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), "."]
    subprocess.run([sys.executable, "-m", "pip", *command], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


def installed(wheel: Path, folder: Path) -> Path:
    """Make an environment without any package but the wheel; return its bin/."""
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", f"--python={folder / 'bin' / 'python'}"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], cwd=folder, check=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bin/ of an environment that has the wheel, and what it depends on from the environment of the tests."""
    programs = installed(wheel, tmp_path_factory.mktemp("environment"))
    (site_packages,) = programs.parent.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return programs


def test_a_wheel_holds_every_file_of_the_packages_and_nothing_beside_them(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    tracked = {name for name in listed.stdout.split("\0") if (ROOT / name).is_file()}
    wanted = {name for name in tracked if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    wanted |= {f"alproject/{name}" for name in tracked if name.startswith(("templates/", "static/"))}
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        described = archive.read(metadata).decode()
    assert {name.split("/")[0] for name in there} == set(PACKAGES)
    assert there == wanted
    assert f"\nVersion: {__version__}\n" in described
    licences = re.findall(r"^License-File: (.*)$", described, flags=re.MULTILINE)
    assert {"LICENSE", "annotation/demo/LICENCE-movielens.txt"} <= set(licences)


def test_the_command_answers_without_a_framework(bin_folder: Path, tmp_path: Path) -> None:
    def margin(*words: str) -> str:
        command = [str(bin_folder / "margin"), *words]
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout

    assert margin("--version") == f"margin {__version__}\n"
    assert "margin COMMAND" in margin() == margin("help")
    assert not list(tmp_path.iterdir()), "no data folder is made for that"
    assert "usage: margin simulate" in margin("simulate", "--help")
    home = Path("Library/Application Support" if sys.platform == "darwin" else ".local/share")
    assert [path.name for path in (tmp_path / home).iterdir()] == ["margin"]


def test_margin_runs_and_stops(bin_folder: Path, environment: dict[str, str], free_port: int, var: Path) -> None:
    with running(bin_folder, environment, var) as process:
        answers_and_stops(process, bin_folder, free_port, var)


@pytest.mark.full
def test_nothing_but_the_runtime_lock_is_needed(
    wheel: Path, environment: dict[str, str], free_port: int, var: Path, tmp_path: Path
) -> None:
    """As an operator installs it, with all packages fetched; the other test borrows those of this environment."""
    programs = installed(wheel, tmp_path / "environment")
    pip = [sys.executable, "-m", "pip", "-qq", f"--python={programs / 'python'}"]
    subprocess.run([*pip, "install", "--require-hashes", "-r", str(ROOT / "requirements.txt")], check=True)
    subprocess.run([*pip, "check"], check=True)
    with running(programs, environment, var) as process:
        answers_and_stops(process, programs, free_port, var)


@contextmanager
def running(bin_folder: Path, environment: dict[str, str], var: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start `margin run` in an empty folder; its output goes to out in `var`."""
    folder = var.parent / "elsewhere"
    folder.mkdir()
    with (var / "out").open("wb") as output:
        process = subprocess.Popen(
            [bin_folder / "margin", "run"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answers_and_stops(process: "subprocess.Popen[bytes]", bin_folder: Path, port: int, var: Path) -> None:
    """The site answers with its styles and its demo, from the installed files; then Ctrl+C ends everything."""

    def said() -> str:
        return (var / "out").read_text()

    def ready() -> bool:
        assert process.poll() is None, said()
        return readiness(port).get("status") == "ok"

    def get(path: str) -> tuple[str, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.headers.get_content_type(), answer.read().decode()

    wait_until(ready, START_SECONDS, "ready")
    wait_until(lambda: "Ctrl+C stops it" in said(), STOP_SECONDS, "the welcome")
    assert (var / "demo-passwords.txt").read_text() in said()
    assert get("/healthz")[1].strip() == "ok"
    page = get("/sign-in/")[1]
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert styles
    for address in styles:
        kind, text = get(address)
        assert kind == "text/css"
        assert "{" in text
    web = next(p for p in processes_of(var) if p.name() == "margin-web")
    assert Path(web.cmdline()[0]).parent == bin_folder
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=STOP_SECONDS) == 0
    wait_until(lambda: not processes_of(var), STOP_SECONDS, "everything gone")
    assert said().endswith("Stopped.\n")
    assert not list((var.parent / "elsewhere").iterdir()), "data go to MARGIN_VAR alone"
