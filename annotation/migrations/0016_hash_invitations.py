"""Keep only digests of the links there are: they go on working as before."""

import hashlib

from django.db import migrations

CHUNK_ROWS = 500


def hash_invitations(apps, schema_editor):
    model = apps.get_model("annotation", "Invitation")
    rows = list(model.objects.filter(digest=None).only("pk", "token"))
    for row in rows:
        row.digest = hashlib.sha256(row.token.encode()).hexdigest()
    model.objects.bulk_update(rows, ["digest"], CHUNK_ROWS)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0015_invitations")]

    operations = [migrations.RunPython(hash_invitations, migrations.RunPython.noop)]
