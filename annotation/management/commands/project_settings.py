"""`manage.py project_settings`: print the tables of project settings for docs/settings.md."""

from typing import Any

from django.core.management.base import BaseCommand

from annotation.project_settings.documentation import choices_table, settings_table


class Command(BaseCommand):
    help = "Print every project setting, and what there is to choose, as the Markdown tables of docs/settings.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(settings_table())
        self.stdout.write(f"\n{choices_table()}")
