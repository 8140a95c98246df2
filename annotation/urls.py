"""Addresses of the pages about projects, people, data and labelling."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
