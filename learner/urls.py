"""Addresses of the pages about learning."""

from django.urls import URLPattern, URLResolver, path

from learner import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<row:pk>/dashboard/", views.dashboard_index, name="dashboard-index"),
    path("projects/<row:pk>/simulations/", views.simulations_index, name="simulations-index"),
    path("projects/<row:pk>/simulations/<row:run>/", views.simulation_show, name="simulation-show"),
]
