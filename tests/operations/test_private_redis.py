"""The Redis of machines that have none."""

from pathlib import Path

import pytest

from alproject import private_redis
from alproject.supervisor import Supervisor


@pytest.mark.service
def test_the_server_that_is_carried_starts_and_asks_for_the_password(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = private_redis.bundled_binary()
    monkeypatch.setenv("PATH", "/nowhere")
    assert private_redis.redis_binary() == bundled
    url = private_redis.write_configuration(var / "redis")
    supervisor = Supervisor(env={"MARGIN_VAR": str(var)}, directory=var, logs=var / "log")
    try:
        supervisor.start(private_redis.redis_program(var / "redis"))
        assert private_redis.wait_until_reachable(url), (var / "log" / "redis.log").read_text()
        assert not private_redis.is_reachable(f"redis://:wrong@{url.rpartition('@')[2]}")
        assert (var / "redis" / "redis.conf").stat().st_mode & 0o077 == 0
    finally:
        supervisor.stop()


def test_the_servers_of_the_system_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).touch(mode=0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert private_redis.redis_binary() == str(tmp_path / name)
