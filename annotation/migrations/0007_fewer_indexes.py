"""Indexes that repeat the beginning of another one cost each answer a write."""

from django.db import migrations, models

from annotation.database.migration_operations import DropFieldIndex


class Migration(migrations.Migration):
    dependencies = [("annotation", "0006_standard_words")]

    operations = [
        DropFieldIndex(
            "item",
            "project",
            models.ForeignKey("annotation.project", models.CASCADE, related_name="items", db_index=False),
        ),
        DropFieldIndex(
            "queueentry",
            "project",
            models.ForeignKey("annotation.project", models.CASCADE, related_name="queue", db_index=False),
        ),
        DropFieldIndex(
            "queueentry",
            "item",
            models.ForeignKey("annotation.item", models.CASCADE, related_name="+", db_index=False),
        ),
        DropFieldIndex(
            "assignment",
            "item",
            models.ForeignKey("annotation.item", models.CASCADE, related_name="assignments", db_index=False),
        ),
        DropFieldIndex(
            "annotation",
            "project",
            models.ForeignKey("annotation.project", models.CASCADE, related_name="annotations", db_index=False),
        ),
    ]
