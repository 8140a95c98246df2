"""Workers of processes of their own that see the test's database."""

import os
from pathlib import Path

from django.db import connection


def environment(media: Path) -> dict[str, str]:
    """Return the environment of a process that works on the test's database; needs `django_db(transaction=True)`."""
    name = os.environ.get("DJANGO_SETTINGS_MODULE", "alproject.settings")
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{values['NAME']}"
    else:
        login = f"{values['USER']}:{values['PASSWORD']}".rstrip(":")
        url = f"postgres://{login}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"
    return {**os.environ, "DJANGO_SETTINGS_MODULE": name, "MARGIN_VAR": str(media.parent), "DATABASE_URL": url}
