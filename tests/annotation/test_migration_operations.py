"""Columns that are renamed and added in place: the values stay, and so do the checks."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def tables_of(*targets: tuple[str, str]):
    return MigrationExecutor(connection).loader.project_state(targets).apps


def test_what_the_first_release_wrote_is_there_under_the_new_names() -> None:
    before = [("annotation", "0004_likely_labels"), ("learner", "0006_round_found")]
    for app, name in reversed(before):
        call_command("migrate", app, name, verbosity=0, interactive=False)
    try:
        old = tables_of(*before)
        project = old.get_model("annotation", "Project").objects.create(name="old", task_type="text_classification")
        old.get_model("learner", "Round").objects.create(
            project=project, number=1, status="done", trigger="asked", seed=1, in_hand=[3, 4], handed_out=True
        )
        old.get_model("annotation", "WorkerSign").objects.create(queue="train", seen_at="2026-01-01T00:00Z")
        old.get_model("annotation", "Import").objects.create(project=project, name="a.csv", status="queued")
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    from annotation.models import Import, WorkerHeartbeat
    from learner.models import Round, Trigger

    row = Round.objects.get()
    assert (row.leased_positions, row.sharded, row.attempts, row.cancel_requested) == ([3, 4], True, 0, False)
    assert row.trigger == Trigger.REQUESTED
    assert WorkerHeartbeat.objects.get().queue == "train"
    assert Import.objects.waiting().get().attempts == 0
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE learner_round SET leased_positions = 'no JSON'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE learner_round SET attempts = -1")
