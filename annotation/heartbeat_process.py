"""The process that writes a worker's heartbeats (see heartbeat.py): standard library and driver, no Django.

Reads a line of JSON for each thing to begin or to end, and runs the statements of what goes on at its interval, over a
connection of their own each time: nothing is to be mended when the database was away. It ends when its input does.
"""

import json
import os
import select
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

LOOK_SECONDS = 1.0  # between two looks whether the worker is still there, should its input never end
RETRY_SECONDS = 1.0  # after a statement that failed
CONNECT_SECONDS = LOCK_SECONDS = 5

Statement = tuple[str, list[Any]]  # `?` for the moment and for each of the values
Beat = dict[str, Any]  # a message as heartbeat.py sends it, and `due`


def main(worker_pid: int) -> None:
    """Write the heartbeats that the worker asks for on the standard input, until it is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are meant for the worker, which may need its heartbeat to end well
    beats: dict[int, Beat] = {}
    rest = b""
    while True:
        wait = min([LOOK_SECONDS, *(beat["due"] - time.monotonic() for beat in beats.values())])
        if select.select([0], [], [], max(0.0, wait))[0]:
            received = os.read(0, 65536)
            if not received:
                return
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                _apply_message(json.loads(line), beats, worker_pid)
        for beat in beats.values():
            if beat["due"] <= time.monotonic():
                if os.getppid() != worker_pid:
                    return
                beat["due"] = time.monotonic() + (
                    beat["seconds"] if _write_heartbeat(beat, worker_pid) else RETRY_SECONDS
                )
        if os.getppid() != worker_pid:
            return


def _apply_message(message: Beat, beats: dict[int, Beat], worker_pid: int) -> None:
    """Write once, end a heartbeat or begin one, in `beats`."""
    if "once" in message:
        _write_heartbeat({"database": message["database"], "statements": message["once"]}, worker_pid)
    elif "end" in message:
        beats.pop(message["end"], None)
    else:
        beats[message["begin"]] = message | {"due": time.monotonic() + message["seconds"]}


def _write_heartbeat(beat: Beat, worker_pid: int) -> bool:
    """Run the statements; return whether that went well."""
    database = dict(beat["database"])
    run = _execute_on_sqlite if database.pop("vendor") == "sqlite" else _execute_on_postgres
    try:
        run(database, beat["statements"], worker_pid)
    except Exception as error:  # of the driver, whichever it is
        print(f"heartbeat: {type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return False
    return True


def _execute_on_sqlite(database: dict[str, Any], statements: Sequence[Statement], worker_pid: int) -> None:
    """Run each statement with the moment put before its values, as long as the worker is this process's parent."""
    connection = sqlite3.connect(database["database"], timeout=LOCK_SECONDS, isolation_level=None, uri=True)
    try:
        for statement, values in statements:
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")  # as Django writes it
            if os.getppid() == worker_pid:
                connection.execute(statement, (now, *values))
    finally:
        connection.close()


def _execute_on_postgres(database: dict[str, Any], statements: Sequence[Statement], worker_pid: int) -> None:
    """Run each statement with the moment put before its values, as long as the worker is this process's parent."""
    import psycopg  # here, where it is needed: most jobs end before their first heartbeat

    options = f"{database.pop('options', '')} -c lock_timeout={LOCK_SECONDS}s".strip()
    connect = {"connect_timeout": CONNECT_SECONDS, **database}
    with psycopg.connect(autocommit=True, options=options, **connect) as connection:
        for statement, values in statements:
            if os.getppid() == worker_pid:
                connection.execute(statement.replace("?", "%s"), (datetime.now(UTC), *values))


if __name__ == "__main__":
    main(int(sys.argv[1]))
