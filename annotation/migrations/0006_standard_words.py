"""Columns get the field's own names; the tables are not rewritten."""

from django.db import migrations

RENAMED = (
    ("queueentry", "likely", "label_scores"),
    ("assignment", "likely", "label_scores"),
    ("annotation", "likely", "label_scores"),
    ("annotation", "seconds", "duration_seconds"),
    ("item", "hidden", "export_only"),
)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0005_jobs")]

    operations = [migrations.RenameField(model, old, new) for model, old, new in RENAMED]
