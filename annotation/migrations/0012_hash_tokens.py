"""Keep only digests of the tokens there are: they go on working, with all rights and without an end, and are marked."""

import hashlib
from datetime import UTC, datetime

from django.db import migrations

CHUNK_ROWS = 500
TABLE = "authtoken_token"  # of an app that is not installed any more


def hash_tokens(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        cursor.execute(f"SELECT key, user_id, created FROM {TABLE}")  # noqa: S608
        rows = cursor.fetchall()
    model = apps.get_model("annotation", "ApiToken")
    model.objects.bulk_create(
        [
            model(
                user_id=user,
                name="API token",
                digest=hashlib.sha256(key.encode()).hexdigest(),
                prefix=key[:6],
                scope="manage",
                is_legacy=True,
                created_at=_time(created),
            )
            for key, user, created in rows
        ],
        CHUNK_ROWS,
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'authtoken'")


def _time(value):
    """SQLite keeps times in UTC and does not say so."""
    time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0011_api_tokens")]

    operations = [migrations.RunPython(hash_tokens, migrations.RunPython.noop)]
