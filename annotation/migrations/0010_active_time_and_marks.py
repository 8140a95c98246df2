"""Active seconds and a mark for answers; until when existing projects take answers without signed assignments."""

from datetime import timedelta

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

KEPT_FOR = timedelta(days=30)  # that a browser may have kept answers of the release before


def take_unsigned(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("annotation", "Project").objects.update(unsigned_until=timezone.now() + KEPT_FOR)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0009_events")]

    operations = [
        migrations.AddField("annotation", "active_seconds", models.FloatField(blank=True, null=True)),
        migrations.AddField(
            "annotation",
            "mark",
            models.CharField(
                blank=True, choices=[("late", "Late"), ("unassigned", "Unassigned")], max_length=10, null=True
            ),
        ),
        migrations.AddIndex(
            "annotation",
            models.Index(condition=models.Q(("mark__isnull", False)), fields=["project"], name="annotation_marked"),
        ),
        migrations.AddField("project", "unsigned_until", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.RunPython(take_unsigned, migrations.RunPython.noop),
    ]
