"""Run the whole of Margin: Redis, workers, beat and web server, under one process."""

import fcntl
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from alproject import preloading, private_redis, process_list
from alproject.environment import env_bool, env_str
from alproject.supervisor import Program, Supervisor
from annotation.management.commands.demo import passwords_file
from annotation.models import User
from learner.tasks import load_numbers

WEB_SECONDS = 180  # how long the web server may take to answer for the first time
PORT_SECONDS = 3  # what a server that was just killed may need to let go of the port
PREPARED = "MARGIN_PRIVATE_REDIS_PREPARED"  # from this command to itself
COMMAND, MANAGE = ("make", "manage.py") if settings.IN_CHECKOUT else ("margin", "margin")  # what people type here


class Command(BaseCommand):
    help = "Run everything: Redis (a private one unless REDIS_URL is set), workers, beat and web server."
    requires_system_checks = []  # the web server, started next, does them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--logs", action="store_true", help="show the programs' output here, not in var/log/")

    def handle(self, *args: object, logs: bool, **options: Any) -> None:
        bind, port = settings.WEB_BIND, settings.WEB_PORT
        os.chdir(settings.RUN_DIR)  # relative names in the settings mean the same here as in the programs to be started
        url = f"http://{'127.0.0.1' if bind == '0.0.0.0' else bind}:{port}/"  # noqa: S104  (shown, not bound)
        with _hold_lock(settings.VAR_DIR, url):
            _check_port_is_free(bind, port)
            redis = _prepare_private_redis(settings.VAR_DIR / "redis")
            call_command("migrate", interactive=False, verbosity=0)
            first_run = not User.objects.exists()
            connections.close_all()
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise looks here, then asks the finders
            self._run_programs(url, redis, logs=logs, demo=first_run and env_bool("MARGIN_DEMO", default=True))

    def _run_programs(self, url: str, redis: Program | None, *, logs: bool, demo: bool) -> None:
        var = settings.VAR_DIR
        env = {**os.environ, "MARGIN_VAR": str(var), "PYTHONUNBUFFERED": "1"}
        supervisor = Supervisor(
            env=env, directory=settings.RUN_DIR, logs=None if logs else var / "log", report=self._report, fork=True
        )
        with supervisor:
            self._ensure_redis(supervisor, redis, var)
            preloading.load_web_modules()
            if demo:
                self._make_demo(supervisor, var)
            if not supervisor.stop_requested.is_set():
                supervisor.start(process_list.web_program())  # alone at first: somebody waits for it
                load_numbers()
                if supervisor.watch(until=_Answered(f"{url}healthz", WEB_SECONDS)):
                    supervisor.start(*process_list.background_programs(var))
                    self._print_welcome(url, var)
                    supervisor.watch()
            self._report("Stopping.")
        self._report("Stopped.")

    def _report(self, message: str) -> None:
        self.stdout.write(message)
        self.stdout.flush()

    def _ensure_redis(self, supervisor: Supervisor, redis: Program | None, var: Path) -> None:
        """Have a Redis that answers: the one asked for, else one of our own."""
        if redis is None:
            if not private_redis.is_reachable(settings.REDIS_URL):
                raise CommandError("No Redis answers at REDIS_URL. Start it, or unset REDIS_URL to get a private one.")
            return
        supervisor.start(redis)
        if not private_redis.wait_until_reachable(settings.REDIS_URL):
            raise CommandError(f"Redis does not start; {var / 'log' / 'redis.log'} says why.")

    def _make_demo(self, supervisor: Supervisor, var: Path) -> None:
        """Make the demo project in a process of its own, which knows the Redis that now runs."""
        self._report("First run: loading the demo project.")
        done = supervisor.run(Program("demo", [process_list.PYTHON, "-m", "margin", "demo", "--quiet"]))
        if done not in (0, None):
            log = var / "log" / "demo.log"
            self._report(f"The demo project could not be made; {log} says why. `{COMMAND} demo` tries again.")

    def _print_welcome(self, url: str, var: Path) -> None:
        """Say where Margin is and how to sign in."""
        self._report(f"\nMargin runs at {url}\n")
        passwords = passwords_file()
        if passwords.exists():
            self._report(f"Sign in with one of these (as made at the first run; kept in {passwords}):\n")
            self._report(passwords.read_text())
        elif not User.objects.exists():
            self._report(f"Nobody can sign in yet: make an admin with `{MANAGE} createsuperuser`.")
        connections.close_all()
        self._report(f"Ctrl+C stops it. What the programs say is in {var / 'log'}.\n")


class _Answered:
    """True once the address answers; raises CommandError when it takes too long."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url, self.polls = url, int(seconds / 0.1)

    def __call__(self) -> bool:
        self.polls -= 1
        if self.polls < 0:
            raise CommandError("The web server does not answer; var/log/web.log says why.")
        try:
            with urllib.request.urlopen(self.url, timeout=1):  # noqa: S310  (our own address)
                return True
        except urllib.error.HTTPError:
            return True  # it answers, if not kindly
        except OSError:
            return False


@contextmanager
def _hold_lock(var: Path, url: str) -> Iterator[None]:
    """Hold var/serve.lock. The kernel drops the lock with its holder, so none is ever left behind."""
    with (var / "serve.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(f"Margin runs already, at {file.read().strip() or 'another address'}.") from None
        file.truncate(0)
        file.write(url)
        file.flush()
        yield


def _prepare_private_redis(directory: Path) -> Program | None:
    """Return the program of a private Redis, whose address the settings have; None where there is another.

    The settings were read before there was an address: this process begins again, with it in its environment.
    """
    if os.environ.pop(PREPARED, ""):
        return private_redis.redis_program(directory)
    if not env_str("REDIS_URL"):
        try:
            os.environ.update({"REDIS_URL": private_redis.write_configuration(directory), PREPARED: "yes"})
        except private_redis.NoRedis as error:
            raise CommandError(str(error)) from None
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (this very command)
    return None


def _check_port_is_free(bind: str, port: int) -> None:
    """Raise CommandError unless the port is free, or becomes so in a moment."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((bind, port))
                return
            except PermissionError:
                raise CommandError(f"Port {port} needs rights that you do not have: set MARGIN_PORT.") from None
            except OSError as error:
                if time.monotonic() > deadline:
                    again = f"MARGIN_PORT=8001 {COMMAND} run"
                    raise CommandError(
                        f"{bind}:{port} cannot be used ({error.strerror}). Choose another: {again}"
                    ) from None
        time.sleep(0.2)
