from django.db import migrations, models

from annotation.database.migration_operations import AddColumn

KINDS = [("rejected", "rejected"), ("duplicate", "duplicate"), ("unanswered", "unanswered")]


class Migration(migrations.Migration):
    dependencies = [("annotation", "0017_invitation_digests")]

    operations = [
        AddColumn("import", "rows_unanswered", models.PositiveIntegerField(default=0)),
        migrations.AlterField("importreject", "kind", models.CharField(choices=KINDS, max_length=10)),
    ]
