"""Make the demo: four people and a project of real text messages. What is there already stays as it is."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand
from django.db import transaction

from annotation import demo, importing
from annotation.models import Membership, Project, Role, User
from annotation.projects import create_project

DATA = Path(demo.__file__).parent / "sms_spam.csv.gz"
PROJECT = "SMS spam"
LABELS = [
    {"name": "ham", "key": "1", "description": "A message that its receiver wanted."},
    {"name": "spam", "key": "2", "description": "Advertising, fraud, unasked-for services."},
]
PEOPLE = {"admin": "may do everything", "lead": "leads the project", "anna": "annotates", "ben": "annotates"}
ROLES = {"lead": Role.LEAD, "anna": Role.ANNOTATOR, "ben": Role.ANNOTATOR}
GUIDELINES = """\
Decide for each text message whether it is **spam**.

- **Spam**: advertising, prize and lottery claims, premium-rate numbers, dating lines, ringtone offers, anything sent
  to many people who did not ask for it.
- **Ham**: everything a person wrote to another person, however short, odd or rude. Also reminders and notices that the
  receiver plainly signed up for.

Judge the message itself, not its spelling. When you cannot tell, **skip**; when the text is broken, **flag** it.
"""


def passwords_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-passwords.txt"


class Command(BaseCommand):
    help = "Make the demo users and the project “SMS spam”, unless they are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="do not print the passwords")

    def handle(self, *args: Any, quiet: bool, **options: Any) -> None:
        made = make_people()
        if made:
            keep_passwords(made)
        if not Project.objects.filter(name=PROJECT).exists():
            make_project()
        if made and not quiet:
            self.stdout.write(passwords_file().read_text())


@transaction.atomic
def make_people() -> dict[str, str]:
    """Make the people who are missing; return their new passwords by name."""
    there = set(User.objects.filter(username__in=PEOPLE).values_list("username", flat=True))
    made = {name: secrets.token_urlsafe(9) for name in PEOPLE if name not in there}
    for name, password in made.items():
        chief = name == "admin"
        User.objects.create_user(username=name, password=password, is_staff=chief, is_superuser=chief)
    return made


def keep_passwords(made: dict[str, str]) -> None:
    """Add passwords to var/demo-passwords.txt, which only its owner may read."""
    handle = os.open(passwords_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(f"  {name:<6} {password}  ({PEOPLE[name]})\n" for name, password in made.items())


def make_project() -> Project:
    """Make the project and import its messages at once; the true labels stay hidden from those who annotate."""
    lead = User.objects.get(username="lead")
    project = create_project(lead, PROJECT, "text_classification", LABELS, GUIDELINES)
    people = User.objects.filter(username__in=ROLES).exclude(pk=lead.pk)
    Membership.objects.bulk_create(Membership(project=project, user=p, role=ROLES[p.username]) for p in people)
    with DATA.open("rb") as file:
        run = importing.create_import(project, lead, UploadedFile(file, DATA.name, size=DATA.stat().st_size))
    importing.start(run, {"text": "text", "hidden": ["label"]})
    importing.run(run.pk)
    return project
