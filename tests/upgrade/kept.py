"""Where the installation of an earlier release is kept, and how it is unpacked: a folder, and a PostgreSQL database."""

import lzma
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

RELEASE = Path(__file__).parent / "0.1.0"
DATABASE = "margin.sqlite3"  # in the folder


def unpack(folder: Path) -> Path:
    """Unpack SQLite database, media and store into a folder; return it."""
    with tarfile.open(RELEASE / "installation.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def restore(server: Mapping[str, Any]) -> None:
    """Make the PostgreSQL database that psycopg's parameters name, in place of one that is there."""
    drop(server)
    with psycopg.connect(**{**_plain(server), "dbname": "postgres"}, autocommit=True) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{server["dbname"]}"')
    with psycopg.connect(**_plain(server)) as database:
        database.execute(lzma.decompress((RELEASE / "postgres.sql.xz").read_bytes()))


def drop(server: Mapping[str, Any]) -> None:
    """Drop the database that the parameters name, if it is there."""
    with psycopg.connect(**{**_plain(server), "dbname": "postgres"}, autocommit=True) as maintenance:
        maintenance.execute(f'DROP DATABASE IF EXISTS "{server["dbname"]}" WITH (FORCE)')


def _plain(server: Mapping[str, Any]) -> dict[str, Any]:
    return {name: server[name] for name in ("dbname", "user", "password", "host", "port") if name in server}
