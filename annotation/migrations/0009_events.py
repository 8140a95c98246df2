"""The audit log; on PostgreSQL the table itself refuses changes, and deletions of rows younger than 30 days."""

import django.core.serializers.json
import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

APPEND_ONLY = """
CREATE FUNCTION annotation_event_append_only() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER annotation_event_append_only BEFORE UPDATE OR DELETE ON annotation_event
    FOR EACH ROW EXECUTE FUNCTION annotation_event_append_only();
"""
CHANGEABLE = """
DROP TRIGGER annotation_event_append_only ON annotation_event;
DROP FUNCTION annotation_event_append_only();
"""


def forbid_changes(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(APPEND_ONLY)


def allow_changes(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CHANGEABLE)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0008_time_zone_and_free_keys")]

    operations = [
        migrations.CreateModel(
            "Event",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor", models.BigIntegerField(null=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("project", models.BigIntegerField(null=True)),
                ("user", models.BigIntegerField(null=True)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("details", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
            {
                "indexes": [
                    models.Index(fields=["at"], name="event_at"),
                    models.Index(fields=["project", "id"], name="event_project"),
                ]
            },
        ),
        migrations.RunPython(forbid_changes, allow_changes),
    ]
