from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial")]

    operations = [
        migrations.AddField("project", "paused_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField(
            "project", "paused_reason", models.CharField(blank=True, default="", editable=False, max_length=200)
        ),
    ]
