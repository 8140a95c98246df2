"""The Celery app: JSON messages only, queues `default` (imports, exports) and `train` (features, rounds)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alproject.settings")

app = Celery("margin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
