from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learner", "0005_handed_out"),
    ]

    operations = [
        migrations.AddField(
            model_name="round",
            name="test_found",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="round",
            name="control_found",
            field=models.JSONField(default=dict),
        ),
    ]
