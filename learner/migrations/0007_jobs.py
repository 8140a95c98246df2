import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

STATUSES = [
    ("draft", "Draft"),
    ("queued", "Queued"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]


def created_when_started(apps, schema_editor):
    """A round was claimed as it was made; one that a dead worker left has had its one attempt."""
    rounds = apps.get_model("learner", "Round").objects.using(schema_editor.connection.alias)
    rounds.update(created_at=F("started_at"), attempts=1)


class Migration(migrations.Migration):
    dependencies = [("learner", "0006_round_found"), ("annotation", "0005_jobs")]

    operations = [
        migrations.RenameField("round", "in_hand", "leased_positions"),
        migrations.RenameField("round", "handed_out", "sharded"),
        migrations.RenameField("round", "test_found", "test_detections"),
        migrations.RenameField("round", "control_found", "control_detections"),
        migrations.RenameField("learnerstate", "asked_at", "requested_at"),
        migrations.RenameField("simulation", "moment", "snapshot"),
        *(
            operation
            for name in ("round", "simulation")
            for operation in (
                migrations.AlterField(
                    name, "status", models.CharField(choices=STATUSES, default="queued", max_length=10)
                ),
                migrations.AddField(name, "attempts", models.PositiveSmallIntegerField(default=0)),
                migrations.AddField(name, "retry_at", models.DateTimeField(blank=True, null=True)),
                migrations.AddField(name, "cancel_requested", models.BooleanField(default=False)),
            )
        ),
        migrations.AlterField("round", "started_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("round", "heartbeat_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(
            "round",
            "trigger",
            models.CharField(choices=[("first", "First"), ("batch", "Batch"), ("asked", "Requested")], max_length=10),
        ),
        migrations.AddField(
            "round",
            "created_at",
            models.DateTimeField(auto_now_add=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.RunPython(created_when_started, migrations.RunPython.noop, elidable=True),
    ]
