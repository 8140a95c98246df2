"""The Celery app: JSON messages only; process_list.py has its queues."""

import os

from celery import Celery

from alproject import worker_steps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alproject.settings")

app = Celery("margin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
worker_steps.install_steps(app)
