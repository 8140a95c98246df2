"""Wiring only: settings, addresses, Celery, WSGI."""

from alproject.celery import app as celery_app

__all__ = ["celery_app"]
