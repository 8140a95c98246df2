"""People have a time zone; keys that the annotate screen needs are taken from labels that had them."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NEEDED_KEYS = {  # by task type; on the screen such a key had another meaning or hid it
    "boxes": ["n", "l", "0", "+", "-", "=", "/"],
    "image_classification": ["g", "+", "-", "=", "/"],
    "preference": ["0", "/"],
}
NEEDED_EVERYWHERE = ["/"]


def free_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    labels = apps.get_model("annotation", "Label").objects
    labels.filter(key__in=NEEDED_EVERYWHERE).update(key="")
    for task_type, keys in NEEDED_KEYS.items():
        labels.filter(project__task_type=task_type, key__in=keys).update(key="")


class Migration(migrations.Migration):
    dependencies = [("annotation", "0007_fewer_indexes")]

    operations = [
        migrations.AddField("user", "time_zone", models.CharField(blank=True, default="", max_length=64)),
        migrations.RunPython(free_keys, migrations.RunPython.noop),
    ]
