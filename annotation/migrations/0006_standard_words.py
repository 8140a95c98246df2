"""Columns get the field's own names; the tables are not written anew."""

from django.db import migrations

from annotation.database.migration_operations import RenameColumn

RENAMED = (
    ("queueentry", "likely", "label_scores"),
    ("assignment", "likely", "label_scores"),
    ("annotation", "likely", "label_scores"),
    ("annotation", "seconds", "duration_seconds"),
    ("item", "hidden", "export_only"),
)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0005_jobs")]

    operations = [RenameColumn(model, old, new) for model, old, new in RENAMED]
