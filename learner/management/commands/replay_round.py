"""Run a done round again from the rows as they were, and say whether its ranks are the same."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from learner.management.arguments import project_by_name_or_id
from learner.models import Round
from learner.rounds.replay import CannotReplay, replay_round


class Command(BaseCommand):
    help = "Run a done round again and compare its ranks with those it published; changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, help="name or id")
        parser.add_argument("--round", required=True, type=int, help="number of the round")

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_by_name_or_id(options["project"])
        current = Round.objects.filter(project=project, number=options["round"]).select_related("project").first()
        if current is None:
            raise CommandError(f"{project} has no round {options['round']}.")
        try:
            replayed = replay_round(current)
        except CannotReplay as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"published {replayed.published}\nreplayed  {replayed.again}")
        if not replayed.is_identical:
            raise CommandError("Not the same:\n" + "\n".join(f"  {line}" for line in replayed.differences))
        self.stdout.write(f"Round {current.number} of {project}: the same {len(replayed.result.choices)} ranks.")
