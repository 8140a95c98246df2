"""docker-compose.yml: right by its schema, without fixed secrets, and its commands really run Margin."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from alproject import private_redis, process_list
from alproject.supervisor import Program, Supervisor
from tests.operations.conftest import ROOT, processes_of, readiness, wait_until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "margin"}
POSTGRES = os.environ.get("DATABASE_URL_TEST", "postgres://postgres@127.0.0.1:5432/margin")


def test_it_keeps_to_the_compose_schema() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_has_every_part_and_each_has_a_health_check() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "worker-train", "worker-features", "beat", "postgres", "redis"}
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in dockerfile
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"web"}  # has the image's


REDIS_PASSWORD = "${REDIS_PASSWORD:-${POSTGRES_PASSWORD:?"  # an installation from before goes on with one password


def test_nobody_is_root_and_no_secret_is_fixed() -> None:
    assert re.search(r"^USER margin$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    secret_names = ("MARGIN_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
    for service in SERVICES.values():
        environment = service.get("environment", {})
        for name in secret_names:
            assert environment.get(name, "${:?").startswith("${")
            assert ":?" in environment.get(name, "${:?")
        assert "${POSTGRES_PASSWORD:?" in environment.get("DATABASE_URL", "${POSTGRES_PASSWORD:?")
        assert "${REDIS_PASSWORD:-${POSTGRES_PASSWORD:?" in environment.get("REDIS_URL", REDIS_PASSWORD)
    example = (ROOT / ".env.example").read_text()
    for name in secret_names:
        assert re.search(rf"^{name}=$", example, re.MULTILINE)


def test_no_part_can_write_where_it_need_not_or_become_more_than_it_is() -> None:
    for service in SERVICES.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert {name for name, service in SERVICES.items() if "cap_add" in service} == {"postgres"}


def test_images_of_others_have_exact_versions() -> None:
    images = [service["image"] for service in SERVICES.values() if service["image"] != "margin"]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) == 4
    assert all(re.search(r":\d+\.\d+(\.\d+)?-", image) for image in images)


def test_each_part_starts_after_what_it_needs() -> None:
    for name in set(OURS) - {"migrate"}:
        assert OURS[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
        assert {"media:/data/media", "store:/data/store"} <= set(OURS[name]["volumes"])


def test_containers_run_what_serve_runs(tmp_path: Path) -> None:
    """One list of processes, in two places; only beat keeps its schedule elsewhere."""

    def plain(argv: list[str]) -> list[str]:
        words = [word for word in argv if word not in (sys.executable, "-m")]
        return ["SCHEDULE" if word.endswith("beat-schedule") else word for word in words]

    everything = [process_list.web_program(), *process_list.background_programs(tmp_path)]
    served = {program.name: plain(list(program.argv)) for program in everything}
    composed = {name: plain(service["command"]) for name, service in OURS.items() if name != "migrate"}
    composed["worker-default"] = composed.pop("worker")
    assert composed == served


@pytest.fixture
def database(var: Path) -> Iterator[str]:
    """An empty PostgreSQL database where a server is there, else a SQLite file."""
    server, name = POSTGRES.rsplit("/", 1)[0], f"margin_compose_{secrets.token_hex(4)}"
    try:
        admin = psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield f"sqlite:///{var}/compose.sqlite3"
        return
    with admin:
        admin.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        yield f"{server}/{name}"
        for process in processes_of(var):
            process.kill()
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@pytest.mark.service
def test_the_commands_of_the_services_make_margin_ready(
    environment: dict[str, str], var: Path, free_port: int, database: str
) -> None:
    """There is no container engine here, so the very same commands are started by hand."""
    redis_url = private_redis.write_configuration(var / "redis")
    bin_first = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    env = {
        **environment,
        "PATH": bin_first,
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "MARGIN_SECRET_KEY": secrets.token_urlsafe(64),
        "MARGIN_HOSTS": "margin.example.org",
        "MARGIN_HTTPS": "yes",
    }
    supervisor = Supervisor(env=env, directory=ROOT, logs=var / "log", report=print)
    try:
        supervisor.start(private_redis.redis_program(var / "redis"))
        assert supervisor.run(Program("migrate", OURS["migrate"]["command"])) == 0
        supervisor.start(*(Program(name, command_of(name, var)) for name in OURS if name != "migrate"))
        wait_until(lambda: readiness(free_port).get("status") == "ok", 120, "ready")
        assert (var / "log" / "web.log").read_text().count("Listening at") == 1
    finally:
        supervisor.stop()
    wait_until(lambda: not processes_of(var), 30, "everything gone")


def command_of(service: str, var: Path) -> list[str]:
    """The service's command; only the folder for temporary files is this test's own."""
    return [word.replace("/tmp/", f"{var}/") for word in OURS[service]["command"]]
