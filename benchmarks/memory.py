"""What an idle installation needs: `margin run` with two web processes, and the memory of all that it started.

    python -m benchmarks.memory [--database postgres://postgres@127.0.0.1:5432/NAME]

Proportional set sizes are added up: what processes share counts once. Linux alone has them.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks.report import Report

ROOT = Path(__file__).resolve().parent.parent
MAX_IDLE_MIB = 550.0
READY_SECONDS, SETTLE_SECONDS = 120, 40
MEBIBYTE = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="", help="an empty database (default: SQLite)")
    options = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="margin-memory-") as var:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")},
            **({"DATABASE_URL": options.database} if options.database else {}),
            "MARGIN_VAR": var,
            "MARGIN_PORT": str(port),
            "MARGIN_DEMO": "no",
        }
        command = [sys.executable, "manage.py", "run"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_until_ready(port)
            time.sleep(SETTLE_SECONDS)
            return _report(psutil.Process(server.pid))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:  # not yet, or 503
            time.sleep(0.5)
    raise SystemExit(f"Margin was not ready within {READY_SECONDS} s.")


def _report(root: psutil.Process) -> int:
    report = Report()
    report.title("Memory of an idle installation, proportional set sizes")
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        mebibytes = process.memory_full_info().pss / MEBIBYTE
        total += mebibytes
        report.say(process.name(), f"{mebibytes:,.0f} MiB", "", None)
    report.say("All together", f"{total:,.0f} MiB", f"< {MAX_IDLE_MIB:.0f} MiB", total < MAX_IDLE_MIB)
    return 0 if report.kept else 1


if __name__ == "__main__":
    sys.exit(main())
