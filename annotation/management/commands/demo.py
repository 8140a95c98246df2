"""Make the demo: four people and projects of real data. What is there already stays as it is."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand
from django.db import transaction

from annotation.accounts.creation import set_may_create_projects
from annotation.demo.catalogue import DEMOS, SMS_SPAM, Demo
from annotation.imports import importing
from annotation.models import Membership, Project, Role, User
from annotation.projects.projects import create_project

PEOPLE = {
    "admin": "may do everything",
    "lead": "leads the project, and may create others",
    "anna": "annotates",
    "ben": "annotates",
}
ROLES = {"lead": Role.LEAD, "anna": Role.ANNOTATOR, "ben": Role.ANNOTATOR}


def passwords_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-passwords.txt"


class Command(BaseCommand):
    help = "Make the demo users and the project “SMS spam”, unless they are there; with --all one project a task type."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="do not print the passwords")
        parser.add_argument("--all", action="store_true", dest="every", help="make all projects of the demo")

    def handle(self, *args: Any, quiet: bool, every: bool, **options: Any) -> None:
        made = make_people()
        if made:
            save_passwords(made)
        for wanted in DEMOS if every else (SMS_SPAM,):
            if not Project.objects.filter(name=wanted.name).exists():
                said = _make(wanted)
                if every and not quiet:
                    self.stdout.write(said)
        if made and not quiet:
            self.stdout.write(passwords_file().read_text())


@transaction.atomic
def make_people() -> dict[str, str]:
    """Make the people who are missing; return their new passwords by name."""
    there = set(User.objects.filter(username__in=PEOPLE).values_list("username", flat=True))
    made = {name: secrets.token_urlsafe(12) for name in PEOPLE if name not in there}
    for name, password in made.items():
        chief = name == "admin"
        user = User.objects.create_user(username=name, password=password, is_staff=chief, is_superuser=chief)
        set_may_create_projects(user, allowed=name == "lead")
    return made


def save_passwords(made: dict[str, str]) -> None:
    """Add passwords to var/demo-passwords.txt, which only its owner may read."""
    handle = os.open(passwords_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(f"  {name:<6} {password}  ({PEOPLE[name]})\n" for name, password in made.items())


def _make(wanted: Demo) -> str:
    """Make the project, unless somebody deleted its data; return what to say of it."""
    if not wanted.data.exists():
        return f"Left out the project “{wanted.name}”: {wanted.file} is not there."
    make_project(wanted)
    return f"Made the project “{wanted.name}”."


def make_project(wanted: Demo) -> Project:
    """Make the project and import its data at once."""
    lead = User.objects.get(username="lead")
    project = create_project(lead, wanted.name, wanted.task_type, wanted.labels, wanted.guidelines, wanted.settings)
    people = User.objects.filter(username__in=ROLES).exclude(pk=lead.pk)
    Membership.objects.bulk_create(Membership(project=project, user=p, role=ROLES[p.username]) for p in people)
    with wanted.data.open("rb") as file:
        uploaded = UploadedFile(file, wanted.file, size=wanted.data.stat().st_size)
        run = importing.create_import(project, lead, uploaded)
    importing.start_draft(run, wanted.mapping)
    importing.run_import(run.pk)
    return project
