"""For services set up as `gunicorn alproject.wsgi` in the source folder, where gunicorn finds this file by itself."""

from alproject.webserver import *  # noqa: F403
