"""Addresses of the pages about learning."""

from django.urls import URLPattern, URLResolver, path

from learner import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<int:pk>/dashboard/", views.dashboard_index, name="dashboard-index"),
    path("projects/<int:pk>/simulations/", views.simulations_index, name="simulations-index"),
    path("projects/<int:pk>/simulations/<int:run>/", views.simulation_show, name="simulation-show"),
]
