from django.db import migrations, models

from annotation.database.migration_operations import AddColumn, RenameColumn

STATUSES = [
    ("draft", "Draft"),
    ("queued", "Queued"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [("learner", "0006_round_found"), ("annotation", "0005_jobs")]

    operations = [
        RenameColumn("round", "in_hand", "leased_positions"),
        RenameColumn("round", "handed_out", "sharded"),
        RenameColumn("round", "test_found", "test_detections"),
        RenameColumn("round", "control_found", "control_detections"),
        RenameColumn("learnerstate", "asked_at", "requested_at"),
        RenameColumn("simulation", "moment", "snapshot"),
        *(
            migrations.AlterField(name, "status", models.CharField(choices=STATUSES, default=default, max_length=10))
            for name, default in (("round", "running"), ("simulation", "queued"))
        ),
        *(
            operation
            for name in ("round", "simulation")
            for operation in (
                AddColumn(name, "attempts", models.PositiveSmallIntegerField(default=0)),
                migrations.AddField(name, "retry_at", models.DateTimeField(blank=True, null=True)),
                AddColumn(name, "cancel_requested", models.BooleanField(default=False)),
            )
        ),
        migrations.AlterField(
            "round",
            "trigger",
            models.CharField(choices=[("first", "First"), ("batch", "Batch"), ("asked", "Requested")], max_length=10),
        ),
    ]
