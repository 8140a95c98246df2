from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0016_hash_invitations")]

    operations = [
        migrations.RemoveField("invitation", "token"),
        migrations.AlterField("invitation", "digest", models.CharField(max_length=64, unique=True)),
    ]
