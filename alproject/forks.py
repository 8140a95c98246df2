"""Programs as forks of this process: what all of them import is loaded once, and they share its memory.

A fork runs what `python -m` would, with a session, an environment and an output of its own. Linux alone: other systems'
libraries need not survive a fork.
"""

import ctypes
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

ARE_POSSIBLE = sys.platform == "linux"
_PR_SET_NAME = 15
_FIRST_OTHER_FILE = 3  # after input, output and errors


class ForkedProcess:
    """A started fork, with what `subprocess.Popen` has for it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None  # minus the signal that ended it

    def terminate(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


class PythonModule(NamedTuple):
    """What `python -m` runs: the module and its arguments, and how far it yields to others."""

    words: list[str]
    niceness: int


def python_module_of(argv: Sequence[str]) -> PythonModule | None:
    """Return what a command line has this Python run as a module; None of any other command."""
    words, niceness = list(argv), 0
    if words[:2] == ["nice", "-n"]:
        words, niceness = words[3:], int(words[2])
    return PythonModule(words[2:], niceness) if words[:2] == [sys.executable, "-m"] else None


def start_fork(
    module: PythonModule,
    *,
    name: str,
    env: Mapping[str, str],
    directory: Path,
    output: int | None,
    before: Callable[[], None] | None,
) -> ForkedProcess:
    """Run a module in a fork.

    `name` is what lists of processes show, `output` the number of the open file that its output goes to (None: where
    this process's goes), and `before` is called in the fork first of all. No file of this process stays open in it, and
    this process must not have one that it would close later: no connection to a database.
    """

    def run_module() -> None:
        """Become the program: a session, files, environment, name and priority of its own."""
        os.setsid()
        if before is not None:
            before()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        _redirect_standard_files(output)
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(env)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())
        os.nice(module.niceness)
        sys.argv[:] = module.words
        runpy.run_module(module.words[0], run_name="__main__", alter_sys=True)

    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _run_and_exit(run_module)
    return ForkedProcess(pid)


def _run_and_exit(run: Callable[[], None]) -> NoReturn:
    """End this process as Python ends: with the code that `run` exits with, 1 after an exception."""
    code = 1
    try:
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # what the parent would do at its end is not this process's to do


def _redirect_standard_files(output: int | None) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    if output is not None:
        os.dup2(output, 1)
        os.dup2(output, 2)
    os.closerange(_FIRST_OTHER_FILE, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  (for good)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
