from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0018_import_rows_unanswered")]

    operations = [
        migrations.AddField("annotation", "exclusion_reason", models.CharField(blank=True, max_length=120, null=True)),
        migrations.AddField("export", "recall", models.JSONField(blank=True, null=True)),
    ]
