"""What a request costs the database when the installation is large: time in the database, by page.

    python -m benchmarks.large_installation [--server postgres://postgres@127.0.0.1:5432/margin] [--keep]

A PostgreSQL database of its own with a million items, 119,000 answers, 202 projects and 500 members: one project of
600,000 items, one of 200,000 with most of the answers, one that people label now, and many small ones. Each page is
asked for five times; the median counts.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.report import Report

ROOT = Path(__file__).resolve().parent.parent
NAME = "margin_large_installation"
MAX_DATABASE_MS = 50.0
ASKED = 5  # times a page is asked for

LARGE, ANSWERED, CURRENT = 1, 2, 3  # numbers of the projects that matter
PROJECTS, MEMBERS = 202, 500
ITEMS = {LARGE: 600_000, ANSWERED: 200_000, CURRENT: 10_000}
SMALL_ITEMS = 955  # of each other project
ANSWERS = {ANSWERED: 109_000, CURRENT: 5_000}
SMALL_ANSWERS = 50  # of each of the last hundred projects; the others have none

# Rows are made by the database itself. `{…}` are numbers of this file, never a person's input.
STATEMENTS = (
    f"""INSERT INTO annotation_user (id, username, password, is_active, is_staff, is_superuser, is_machine, first_name,
            last_name, email, date_joined, time_zone)
        SELECT n, 'member' || n, '!', TRUE, FALSE, FALSE, FALSE, '', '', '', now(), ''
        FROM generate_series(1, {MEMBERS}) AS n""",
    f"""INSERT INTO annotation_project (id, name, task_type, guidelines, settings, created_by_id, created_at, seed,
            item_count, paused_reason)
        SELECT n, 'Project ' || n, 'text_classification', '', '{{}}', 1, now(), n,
            CASE n WHEN {LARGE} THEN {ITEMS[LARGE]} WHEN {ANSWERED} THEN {ITEMS[ANSWERED]}
                WHEN {CURRENT} THEN {ITEMS[CURRENT]} ELSE {SMALL_ITEMS} END, ''
        FROM generate_series(1, {PROJECTS}) AS n""",
    """INSERT INTO annotation_label (project_id, name, key, color, description, "order")
        SELECT project.id, label.name, label.key, 'label-1', '', label.key::int
        FROM annotation_project AS project, (VALUES ('ham', '1'), ('spam', '2')) AS label (name, key)""",
    f"""INSERT INTO annotation_membership (project_id, user_id, role, created_at)
        SELECT {CURRENT}, n, CASE n WHEN 1 THEN 'lead' ELSE 'annotator' END, now()
        FROM generate_series(1, {MEMBERS}) AS n
        UNION ALL SELECT n, 1, 'lead', now() FROM generate_series(1, {PROJECTS}) AS n WHERE n <> {CURRENT}""",
    """INSERT INTO annotation_item (project_id, position, external_id, content, meta, export_only, content_hash, split,
            answers, created_at)
        SELECT project.id, n, '', jsonb_build_object('text', 'Message ' || n || ' of project ' || project.id || ': '
            || repeat('the parcel arrives on Tuesday. ', 4)), '{}', '{}', md5(project.id || '-' || n),
            CASE WHEN n % 20 = 0 THEN 'test' ELSE 'pool' END, 0, now()
        FROM annotation_project AS project, generate_series(0, project.item_count - 1) AS n""",
    f"""CREATE TEMPORARY TABLE answered AS
        SELECT id, project_id, 2 + (position % {MEMBERS - 1}) AS user_id, position FROM annotation_item
        WHERE position < CASE project_id WHEN {ANSWERED} THEN {ANSWERS[ANSWERED]}
            WHEN {CURRENT} THEN {ANSWERS[CURRENT]} WHEN {LARGE} THEN 0
            ELSE CASE WHEN project_id > {PROJECTS - 100} THEN {SMALL_ANSWERS} ELSE 0 END END""",
    """INSERT INTO annotation_annotation (uuid, project_id, item_id, user_id, outcome, value, reason, comment,
            suggestion_shown, live, slot, duration_seconds, created_at)
        SELECT gen_random_uuid(), project_id, id, user_id, 'label', '{"labels": ["ham"]}', 'random', '', FALSE, TRUE, 0,
            4, now() - position * interval '1 minute' FROM answered""",
    """INSERT INTO annotation_assignment (project_id, item_id, user_id, slot, rank, answered, leased_at, expires_at,
            reason)
        SELECT project_id, id, user_id, 0, 0, TRUE, now() - interval '1 day', now() - interval '23 hours', 'random'
        FROM answered""",
    "UPDATE annotation_item SET answers = 1 WHERE id IN (SELECT id FROM answered)",
    f"""INSERT INTO annotation_queueentry (project_id, item_id, slot, rank, reason)
        SELECT project_id, id, 0, position, 'uncertain' FROM annotation_item
        WHERE project_id = {CURRENT} AND position BETWEEN {ANSWERS[CURRENT]} AND {ANSWERS[CURRENT]} + 299""",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="postgres://postgres@127.0.0.1:5432/margin")
    parser.add_argument("--keep", action="store_true", help="leave the database, and use it again if it is there")
    options = parser.parse_args()
    server = options.server.rsplit("/", 1)[0]
    url = f"{server}/{NAME}"
    made = _make(server, url)
    try:
        return _measure(url) if made or options.keep else 1
    finally:
        if not options.keep:
            _execute(f"{server}/postgres", f"DROP DATABASE {NAME} WITH (FORCE)")


def _make(server: str, url: str) -> bool:
    """Make and fill the database; False where it is there already."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            return False
    _execute(f"{server}/postgres", f"CREATE DATABASE {NAME}")
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    started = time.perf_counter()
    with psycopg.connect(url) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
        for table in ("user", "project", "item", "annotation", "assignment"):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('annotation_{table}', 'id'), max(id)) FROM annotation_{table}"
            )
    _execute(url, "VACUUM ANALYZE")
    print(f"Filled {urlsplit(url).path[1:]} in {time.perf_counter() - started:.0f} s.", flush=True)
    return True


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _measure(url: str) -> int:
    os.environ["DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "alproject.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from annotation.models import User

    settings.ALLOWED_HOSTS = ["*"]
    report = Report()
    report.title("Time in the database, a million items and 119,000 answers in 202 projects")
    admin, lead, member = Client(), Client(), Client()
    User.objects.filter(pk=2).update(is_staff=True)
    admin.force_login(User.objects.get(pk=2))
    lead.force_login(User.objects.get(pk=1))
    member.force_login(User.objects.get(pk=MEMBERS))
    api = f"/api/v1/projects/{CURRENT}"
    search = f"/api/v1/projects/{LARGE}/items/?text=zebra"
    pages: list[tuple[str, Callable[[], Any], bool]] = [
        ("The start page of a lead of all projects", lambda: lead.get("/"), True),
        ("The start page of an annotator", lambda: member.get("/"), True),
        ("next/, with items held", lambda: _json(member, f"{api}/next/", {"limit": 10}), True),
        ("next/, and release", lambda: _lease_and_release(member, api), True),
        ("One answer", lambda: _answer(member, api), True),
        ("A search for what is not there, 600,000 items", lambda: lead.get(search), False),
        ("The members page", lambda: lead.get(f"/projects/{CURRENT}/members/"), False),
        ("/metrics", lambda: admin.get("/metrics"), False),
    ]  # fmt: skip
    for what, ask, is_bounded in pages:
        milliseconds = statistics.median(_database_ms(ask) for _ in range(ASKED))
        holds = milliseconds < MAX_DATABASE_MS if is_bounded else None
        report.say(what, f"{milliseconds:,.1f} ms", f"< {MAX_DATABASE_MS:.0f} ms" if is_bounded else "", holds)
    return 0 if report.kept else 1


def _database_ms(ask: Callable[[], Any]) -> float:
    """Return how long the statements of a request took, in milliseconds; raises where it was refused."""
    from django.db import connection

    spent = 0.0

    def timed(execute: Any, *arguments: Any) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent += time.perf_counter() - started

    with connection.execute_wrapper(timed):
        response = ask()
    if response.status_code >= 400:
        raise RuntimeError(f"{response.status_code}: {response.content[:500]!r}")
    return spent * 1000


def _json(client: Any, path: str, body: dict[str, Any]) -> Any:
    return client.post(path, body, content_type="application/json")


def _lease_and_release(client: Any, api: str) -> Any:
    from annotation.models import Assignment

    Assignment.objects.filter(user=MEMBERS, answered=False).delete()
    return _json(client, f"{api}/next/", {"limit": 10})


def _answer(client: Any, api: str) -> Any:
    from uuid import uuid4

    item = _json(client, f"{api}/next/", {"limit": 1}).json()[0]
    body = {"uuid": str(uuid4()), "item": item["item"]["id"], "outcome": "label", "value": {"labels": ["ham"]}}
    return _json(client, f"{api}/annotations/", body)


if __name__ == "__main__":
    sys.exit(main())
