"""Give accounts what their names look like; of several that look alike the first one has it, and the others none."""

from django.db import migrations

from annotation.text.look_alikes import skeleton

CHUNK_ROWS = 500


def fill(apps, schema_editor):
    model = apps.get_model("annotation", "User")
    seen, changed = set(), []
    for user in model.objects.filter(name_skeleton=None).order_by("pk").only("pk", "username").iterator(CHUNK_ROWS):
        look = skeleton(user.username)
        if look not in seen:
            seen.add(look)
            user.name_skeleton = look
            changed.append(user)
    model.objects.bulk_update(changed, ["name_skeleton"], CHUNK_ROWS)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0013_accounts")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
