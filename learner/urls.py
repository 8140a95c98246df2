"""Addresses of the pages about learning."""

from django.urls import URLPattern, URLResolver, path

from learner import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<int:pk>/dashboard/", views.dashboard_index, name="dashboard-index"),
]
