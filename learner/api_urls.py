"""Addresses of the API v1 that concern learning."""

from django.urls import URLPattern, URLResolver, path

from learner import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<int:pk>/progress/", api.Progress.as_view(), name="api-progress"),
    path("projects/<int:pk>/rounds/", api.Rounds.as_view(), name="api-rounds"),
]
