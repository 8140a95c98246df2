from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0003_label_changes")]

    operations = [
        migrations.AddField(name, "likely", models.JSONField(blank=True, null=True))
        for name in ("queueentry", "assignment", "annotation")
    ]
