from django.db import migrations, models

from annotation.database.migration_operations import AddColumn

STATUSES = [
    ("draft", "Draft"),
    ("queued", "Queued"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [("annotation", "0004_likely_labels")]

    operations = [
        migrations.RenameModel("WorkerSign", "WorkerHeartbeat"),
        *(
            operation
            for name in ("import", "export", "labelchange")
            for operation in (
                migrations.AlterField(
                    name, "status", models.CharField(choices=STATUSES, default="queued", max_length=10)
                ),
                AddColumn(name, "attempts", models.PositiveSmallIntegerField(default=0)),
                migrations.AddField(name, "retry_at", models.DateTimeField(blank=True, null=True)),
                AddColumn(name, "cancel_requested", models.BooleanField(default=False)),
            )
        ),
    ]
