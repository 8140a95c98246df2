"""What is imported before programs are forked, so that they share its memory instead of each having its own."""


def load_web_modules() -> None:
    """Import what the web server and the workers need."""
    from django.urls import get_resolver

    from alproject import wsgi  # noqa: F401
    from alproject.celery import app

    app.loader.import_default_modules()
    get_resolver().url_patterns  # noqa: B018  (they are imported when they are first looked at)


def load_numeric_modules() -> None:
    """Import what rounds need."""
    from learner.rounds import feature_matrices, shard_rounds  # noqa: F401
