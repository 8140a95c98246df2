from django.db import migrations, models

from annotation.database.migration_operations import AddColumn


class Migration(migrations.Migration):
    dependencies = [("learner", "0007_jobs")]

    operations = [
        migrations.AddField("learnerstate", "earlier_metrics", models.JSONField(default=dict)),
        AddColumn("learnerstate", "has_searched", models.BooleanField(default=False)),
    ]
