"""What is imported before programs are forked, so that they share its memory instead of each having its own.

The libraries of numbers come after it (`learner.tasks.load_numbers`): the web server does not wait for them.
"""


def load_web_modules() -> None:
    """Import what the web server and the workers need."""
    from django.urls import get_resolver

    from alproject import wsgi  # noqa: F401
    from alproject.celery import app

    app.loader.import_default_modules()
    get_resolver().url_patterns  # noqa: B018  (they are imported when they are first looked at)
