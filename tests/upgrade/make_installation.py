"""Make the installation that test_upgrade.py upgrades. Runs with the code of the release that it is made with.

In a checkout of that release, with its packages installed:

    python PATH/TO/make_installation.py FOLDER postgres://postgres@127.0.0.1:5432/NAME

The database NAME is dropped and made. FOLDER gets `installation.tar.xz` (SQLite database, media, feature store),
`postgres.sql.xz` (the same rows), `before.json.xz` (what the release answers to all that can be asked) and `kept.json`
(answers that wait in a browser). Once kept, the files of a release stay as they are: 0.1.0 was made like this with
commit 59c2d33. Of a later release, a folder of its own is made by a copy of these programs that fits it.
"""

import json
import lzma
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

START = datetime(2025, 1, 13, 9, tzinfo=UTC)
NOBODY = "redis://127.0.0.1:1/0"  # no message leaves


class Clock:
    """The time of the installation: a millisecond later at each look, unless it stands still."""

    def __init__(self, moment: datetime, step: timedelta = timedelta(milliseconds=1)) -> None:
        self.moment, self.step = moment, step

    def __call__(self) -> datetime:
        self.moment += self.step
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(milliseconds=round(1000 * seconds))  # as fine as rows are when they are copied


def begin(clock: Clock, var: Path, database: str) -> None:
    """Start Django of the checkout that this runs in, with a clock of our own and no broker."""
    os.environ.update(
        MARGIN_VAR=str(var), DATABASE_URL=database, REDIS_URL=NOBODY, DJANGO_SETTINGS_MODULE="alproject.settings"
    )
    sys.path.insert(0, str(Path.cwd()))
    from django.utils import timezone

    timezone.now = clock  # before the models take it as a default
    import django

    django.setup()
    from celery import Celery
    from django.conf import settings

    Celery.send_task = lambda *_args, **_more: None
    socket.gethostname = lambda: "worker-1"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    settings.STALE_SECONDS = 600
    settings.ALLOWED_HOSTS = ["testserver"]
    from django.db.models import DateTimeField, Value

    from annotation import runs
    from learner import shards

    runs.Now = lambda: Value(clock(), DateTimeField())
    shards.chord = lambda *_: SimpleNamespace(apply_async=lambda: SimpleNamespace(parent=None))


def make(folder: Path, postgres: str) -> None:
    """Make everything, in a temporary place."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        var = Path(place) / "var"
        clock = Clock(START)
        begin(clock, var, f"sqlite:///{var / 'margin.sqlite3'}")
        import made_states
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        kept = made_states.everything(clock)
        clock.step = timedelta(0)
        _pack_sqlite(folder / "installation.tar.xz", var, Path(place))
        _pack_postgres(folder / "postgres.sql.xz", postgres, Path(place))
        before = {"now": clock.moment.isoformat(), **recorded(Path(place), var, f"sqlite:///{place}/margin.sqlite3")}
        on_postgres = {"now": clock.moment.isoformat(), **recorded(Path(place), var, postgres)}
        _must_be_equal(before, on_postgres)
    (folder / "kept.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = json.dumps(before, ensure_ascii=False, separators=(",", ":"))
    (folder / "before.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def _pack_sqlite(file: Path, var: Path, place: Path) -> None:
    """Keep the database, without what SQLite keeps free, the media and the store."""
    copy = place / "margin.sqlite3"
    with sqlite3.connect(var / "margin.sqlite3") as database:
        database.execute("VACUUM INTO ?", [str(copy)])
    with tarfile.open(file, "w:xz", preset=9) as archive:
        for path in (copy, var / "media", var / "store"):
            archive.add(path, path.name, filter=_of_nobody)


def _of_nobody(file: tarfile.TarInfo) -> tarfile.TarInfo:
    file.uid = file.gid = 0
    file.uname = file.gname = ""
    file.mtime = START.timestamp()
    return file


def _pack_postgres(file: Path, url: str, place: Path) -> None:
    """Load the same rows into PostgreSQL and dump it there, in statements that need no psql to be read."""
    import psycopg
    from django.core.management import call_command

    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as maintenance:
        maintenance.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        maintenance.execute(f'CREATE DATABASE "{name}"')
    rows = place / "rows.json"
    made_by_migrate = ["contenttypes", "auth.permission"]
    call_command("dumpdata", natural_foreign=True, exclude=made_by_migrate, output=str(rows), verbosity=0)
    environment = {**os.environ, "DATABASE_URL": url}
    for command in (["migrate"], ["loaddata", str(rows)]):
        subprocess.run([sys.executable, "manage.py", *command, "--verbosity", "0"], env=environment, check=True)
    dumped = subprocess.run(
        ["pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=200", url],
        capture_output=True,
        check=True,
    ).stdout
    statements = b"".join(line for line in dumped.splitlines(keepends=True) if not line.startswith(b"\\"))  # to psql
    file.write_bytes(lzma.compress(statements, preset=9))


def recorded(place: Path, var: Path, database: str) -> dict[str, Any]:
    """Return what the installation answers at this moment: asked in another process, on copies of its files."""
    copy = place / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    for name in ("media", "store"):
        shutil.copytree(var / name, copy / name)
    from django.utils import timezone

    moment = timezone.now().isoformat()
    done = subprocess.run(
        [sys.executable, __file__, "--record", moment, str(copy), database], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def record(moment: str, var: Path, database: str) -> None:
    """Print what the installation answers."""
    begin(Clock(datetime.fromisoformat(moment), timedelta(0)), var, database)
    import made_record

    print(json.dumps(made_record.everything()))


def _must_be_equal(sqlite: dict[str, Any], postgres: dict[str, Any]) -> None:
    from asking import differences

    if found := differences(sqlite, postgres) + differences(postgres, sqlite):
        raise SystemExit("The databases answer differently:\n" + "\n".join(found[:20]))


if __name__ == "__main__":
    if sys.argv[1] == "--record":
        record(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    else:
        make(Path(sys.argv[1]), sys.argv[2])
