"""The command `margin`: all that an installation is run and looked after with, under one name.

Each word is one of Django's management commands, those of Django itself included.
"""

import os
import sys
from collections.abc import Sequence

from margin import __version__

COMMANDS = {
    "run": "run everything: Redis, workers, scheduler and web server",
    "demo": "load the demo project and its users; --all: a project for each task type",
    "encoder": "add, list, choose and remove encoders: small neural networks as features",
    "simulate": "compare query strategies and estimators on a labelled file",
    "autopilot": "let a program label a project of the running server from known labels",
    "replay_round": "run a finished round again and compare its ranks with those it published",
    "migrate": "bring the database up to this version (`run` does so at every start)",
    "createsuperuser": "create an admin account",
    "changepassword": "set somebody's password",
    "collectstatic": "copy styles and scripts to MARGIN_STATIC_ROOT, for a web server in front",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command with its arguments (default: those of this process); exits as the command does."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["version"]):
        print(f"margin {__version__}")
    elif words in ([], ["help"], ["--help"], ["-h"]):
        print(overview())
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alproject.settings")
        from django.core.management import execute_from_command_line  # only here: the package imports no framework

        execute_from_command_line(["margin", *words])


def overview() -> str:
    """Return what `margin help` prints."""
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items())
    return (
        f"margin {__version__}\n\nusage: margin COMMAND [options]\n\n{listed}\n\n"
        "`margin COMMAND --help` explains one of them, `margin help --commands` lists Django's own too."
    )
