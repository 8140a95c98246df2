"""What the web server does not load: what only workers need costs memory, and time to start."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.conftest import ROOT

ONLY_IN_WORKERS = ("matplotlib", "scipy", "skimage", "sklearn", "torch")

PAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "alproject.settings"
import alproject.wsgi
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from django.test import Client
from annotation.models import Project, User
from annotation.projects.projects import create_project
lead = User.objects.create_user(username="lead", is_superuser=True, is_staff=True)
project = create_project(lead, "SMS", "text_classification", [{"name": "ham"}, {"name": "spam"}])
client = Client(SERVER_NAME="localhost")
client.force_login(lead)
for path in ("dashboard/", "simulations/", "imports/", "exports/"):
    answer = client.get(f"/projects/{project.pk}/{path}")
    assert answer.status_code == 200, (path, answer.status_code)
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


@pytest.mark.service
def test_pages_are_answered_without_what_only_workers_need(environment: dict[str, str], var: Path) -> None:
    environment = {**environment, "REDIS_URL": "redis://127.0.0.1:1/0"}  # nobody there: nothing is needed of it
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PAGE, *ONLY_IN_WORKERS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == ""
