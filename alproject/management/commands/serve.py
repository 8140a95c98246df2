"""The name that `run` had before there was a command `margin`; kept for services that were set up with it."""

from alproject.management.commands.run import Command

__all__ = ["Command"]
