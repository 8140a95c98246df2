from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learner", "0002_round_test_scores"), ("annotation", "0002_pause")]

    operations = [
        migrations.AddField("round", "stop_predictions", models.JSONField(default=dict)),
        migrations.AddField("learnerstate", "paused_for", models.JSONField(default=dict)),
    ]
