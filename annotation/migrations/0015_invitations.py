import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotation.database.migration_operations import AddColumn


class Migration(migrations.Migration):
    dependencies = [("annotation", "0014_name_skeletons")]

    operations = [
        migrations.AddField("invitation", "digest", models.CharField(max_length=64, null=True)),
        migrations.AddField("invitation", "max_uses", models.PositiveIntegerField(blank=True, null=True)),
        AddColumn("invitation", "uses", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "membership",
            "invitation",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotation.invitation",
            ),
        ),
        migrations.CreateModel(
            name="RemovedMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("removed_at", models.DateTimeField()),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="annotation.project"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "removedmember", models.UniqueConstraint(fields=("project", "user"), name="removed_member_once")
        ),
    ]
