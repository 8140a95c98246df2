"""The demo: real messages, people with passwords of their own, made once."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.management import call_command

from annotation.demo.catalogue import DEMOS, FILMS, WHICH_FILM
from annotation.management.commands.demo import passwords_file
from annotation.models import Import, JobStatus, Membership, Project, User
from annotation.queue import leasing
from annotation.tasktypes import TASK_TYPES
from learner.autopilot.oracle import read_oracle
from learner.engine.loop import fixed_orders
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.loop_options import loop_options

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_var(settings: LazySettings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def passwords() -> dict[str, str]:
    lines = passwords_file().read_text().splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


def test_the_demo_is_ready_to_label(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo")

    project = Project.objects.get()
    run = Import.objects.get()
    assert (run.status, run.rows_read, run.rows_rejected) == (JobStatus.DONE, 5574, 0)
    assert project.item_count == run.rows_added == 5574 - run.rows_duplicate
    assert project.label_names() == ["ham", "spam"]
    roles = dict(Membership.objects.values_list("user__username", "role"))
    assert roles == {"lead": "lead", "anna": "annotator", "ben": "annotator"}

    # the true labels are there for checks, and neither seen nor learnt from
    anna = User.objects.get(username="anna")
    item = leasing.lease(project, anna, 1)[0].item
    assert item.export_only["label"] in ("ham", "spam")
    assert set(item.content) == {"text"}
    assert item.meta == {}
    assert not project.annotations.exists()

    made = passwords()
    assert capsys.readouterr().out == passwords_file().read_text()
    assert stat.S_IMODE(passwords_file().stat().st_mode) == 0o600
    assert len(set(made.values())) == 4
    for name, password in made.items():
        assert authenticate(username=name, password=password) is not None
    assert User.objects.get(username="admin").is_superuser
    assert not User.objects.filter(is_superuser=True).exclude(username="admin").exists()


def test_a_second_time_changes_nothing() -> None:
    call_command("demo", quiet=True)
    before = passwords_file().read_text()
    call_command("demo", quiet=True)
    assert passwords_file().read_text() == before
    assert Project.objects.count() == Import.objects.count() == 1


def test_an_account_that_is_there_keeps_its_password() -> None:
    User.objects.create_user("anna", password="annas-very-own")
    call_command("demo", quiet=True)
    assert "anna" not in passwords()
    assert authenticate(username="anna", password="annas-very-own") is not None


def test_data_that_is_not_there_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotation.management.commands.demo.DEMOS", (replace(FILMS, file="deleted.zip"), WHICH_FILM))
    call_command("demo", every=True)
    said = capsys.readouterr().out
    assert "Left out the project “Films”: deleted.zip is not there.\nMade the project “Which film”." in said
    assert [project.name for project in Project.objects.all()] == ["Which film"]


def test_there_is_a_project_for_each_kind() -> None:
    User.objects.create_user("anna", password="annas-very-own")
    call_command("demo", every=True, quiet=True)
    assert {demo.task_type for demo in DEMOS} == set(TASK_TYPES)
    for demo in DEMOS:
        project = Project.objects.get(name=demo.name)
        run = project.imports.get()
        assert (run.status, run.rows_rejected) == (JobStatus.DONE, 0)
        assert project.item_count > 100
        assert not project.annotations.exists()
        oracle = read_oracle(project, demo.oracle)
        known = sum(oracle.label_of(int(pk)) is not None for pk in oracle.ids)
        assert known == project.item_count, "every item has its true answer"
        if project.goal.finds_all:
            continue  # no figure rests on a test sample
        items = {"item_count": project.item_count, "frozen_count": 0, "frozen_item_count": 0, "has_answers": False}
        assert fixed_orders.required_test_items(requested=loop_options(project).test_size, **items) >= MIN_TEST_ANSWERS
        until_figures = MIN_TEST_ANSWERS / loop_options(project).test_share
        assert until_figures <= min(200, 0.6 * project.item_count), "figures come while there is still much to label"
