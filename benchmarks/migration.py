"""How long an upgrade from release 0.1.0 keeps people waiting: `migrate` of a database with a million answers.

    python -m benchmarks.migration [--answers 1000000] [--rounds 5000] [--only sqlite,postgres]
                                   [--server postgres://postgres@127.0.0.1:5432/margin]

The database is the one that tests/upgrade keeps of that release, filled up by the database itself with as many items,
answers and places that they were given in, each answer about an item of its own, and with rounds. A second `migrate`,
which finds nothing to do, tells how much of the time is the start of the program.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.report import Report
from tests.upgrade.kept import DATABASE, drop, restore, unpack

ROOT = Path(__file__).resolve().parent.parent
NAME = "margin_migration"
MAX_SECONDS = 60
FIRST = 1_000_000_000  # the first number of the rows that are added
Execute = Callable[[str], object]

# columns that are copied as they are from a row of the kept installation
PROVENANCE = "reason, score, probability, round, suggestion, suggestion_score, likely"
OF_ITEM = "project_id, content, meta, hidden, split, created_at"
OF_ANSWER = f"{PROVENANCE}, outcome, value, seconds, comment, suggestion_shown, suggestion_changed, live, created_at"
OF_PLACE = f"project_id, answered, rank, leased_at, expires_at, {PROVENANCE}"
OF_ROUND = """project_id, status, trigger, seed, settings, items, in_hand, answers_upto, answers, labels, started_at,
    heartbeat_at, finished_at, worker, handed_out, timings, metrics, test_predictions, test_scores, control_predictions,
    test_found, control_found, stop_predictions, control_labels, published, note, error"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5_000)
    parser.add_argument("--only", default="sqlite,postgres")
    parser.add_argument("--server", default="postgres://postgres@127.0.0.1:5432/margin")
    given = parser.parse_args()
    report = Report()
    report.title(f"{given.answers:,} answers, {given.rounds:,} rounds")
    for kind in given.only.split(","):
        with tempfile.TemporaryDirectory(prefix="margin-migration-") as place:
            if kind == "sqlite":
                _on_sqlite(report, Path(place), given.answers, given.rounds)
            else:
                _on_postgres(report, Path(place), given.server, given.answers, given.rounds)
    return 0 if report.kept else 1


def _on_sqlite(report: Report, var: Path, answers: int, rounds: int) -> None:
    file = unpack(var) / DATABASE
    began = time.perf_counter()
    with sqlite3.connect(file) as database:
        _fill(database.execute, answers, rounds, hexadecimal="lower(hex(randomblob(16)))", as_uuid="{}")
    database.close()
    made = f"{time.perf_counter() - began:.0f} s, {file.stat().st_size / 1e6:,.0f} MB"
    _measure(report, "SQLite", made, {"MARGIN_VAR": str(var), "DATABASE_URL": f"sqlite:///{file}"})


def _on_postgres(report: Report, var: Path, url: str, answers: int, rounds: int) -> None:
    ours = urlsplit(url)._replace(path=f"/{NAME}").geturl()
    server = conninfo_to_dict(ours)
    restore(server)
    try:
        began = time.perf_counter()
        with psycopg.connect(ours) as database:
            database.execute("SET search_path TO public")
            random_digits = "replace(gen_random_uuid()::text, '-', '')"
            _fill(database.execute, answers, rounds, hexadecimal=random_digits, as_uuid="CAST({} AS uuid)")
            size = database.execute("SELECT pg_database_size(current_database())").fetchone()
            database.execute("ANALYZE")  # as autovacuum has long done where people work
        made = f"{time.perf_counter() - began:.0f} s, {(size or (0,))[0] / 1e6:,.0f} MB"
        _measure(report, "PostgreSQL", made, {"MARGIN_VAR": str(var), "DATABASE_URL": ours})
    finally:
        drop(server)


def _fill(execute: Execute, answers: int, rounds: int, hexadecimal: str, as_uuid: str) -> None:
    """Add to the first project; `hexadecimal` is SQL for 32 random digits, `as_uuid` makes an UUID of such."""
    execute("CREATE TEMP TABLE numbers (n bigint)")
    counted = "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {}) SELECT n FROM up"
    execute(f"INSERT INTO numbers {counted.format(max(answers, rounds))}")
    every = f"numbers WHERE numbers.n <= {answers}"
    like_one = "WITH one AS (SELECT * FROM {} ORDER BY id LIMIT 1)"
    item = like_one.format("annotation_item WHERE project_id = 1 AND answers > 0")
    execute(
        f"""INSERT INTO annotation_item (id, position, external_id, content_hash, answers, {OF_ITEM})
        {item} SELECT {FIRST} + n, 1000000 + n, '', {hexadecimal}, 1, {OF_ITEM} FROM one, {every}"""
    )
    answer = like_one.format("annotation_annotation WHERE project_id = 1 AND live AND suggestion IS NOT NULL")
    execute(
        f"""INSERT INTO annotation_annotation (id, uuid, item_id, user_id, project_id, slot, {OF_ANSWER})
        {answer} SELECT {FIRST} + n, {as_uuid.format(hexadecimal)}, {FIRST} + n, user_id, project_id, 0, {OF_ANSWER}
        FROM one, {every}"""
    )
    place = like_one.format("annotation_assignment WHERE project_id = 1 AND answered")
    execute(
        f"""INSERT INTO annotation_assignment (id, item_id, user_id, slot, {OF_PLACE})
        {place} SELECT {FIRST} + n, {FIRST} + n, user_id, 0, {OF_PLACE} FROM one, {every}"""
    )
    newest = "WITH one AS (SELECT * FROM learner_round WHERE project_id = 1 ORDER BY number DESC LIMIT 1)"
    execute(
        f"""INSERT INTO learner_round (id, number, {OF_ROUND})
        {newest} SELECT {FIRST} + n, 1000 + n, {OF_ROUND} FROM one, numbers WHERE numbers.n <= {rounds}"""
    )
    execute("UPDATE annotation_project SET item_count = 1000000 + (SELECT max(n) FROM numbers) WHERE id = 1")
    execute("DROP TABLE numbers")


def _measure(report: Report, name: str, made: str, database: dict[str, str]) -> None:
    report.say(f"{name}: making it", made)
    first, second = (_migrate(database) for _ in range(2))
    report.say(f"{name}: migrate", f"{first:.1f} s", f"at most {MAX_SECONDS} s", first <= MAX_SECONDS)
    report.say(f"{name}: migrate where nothing is to do", f"{second:.1f} s")


def _migrate(database: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, **database},
        check=True,
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
