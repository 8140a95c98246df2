"""Addresses of the API v1 that concern learning."""

from django.urls import URLPattern, URLResolver, path

from learner import api, simulationapi

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<int:pk>/progress/", api.Progress.as_view(), name="api-progress"),
    path("projects/<int:pk>/rounds/", api.Rounds.as_view(), name="api-rounds"),
    path("projects/<int:pk>/simulations/", simulationapi.Simulations.as_view(), name="api-simulations"),
    path("projects/<int:pk>/simulations/<int:run>/", simulationapi.SimulationDetail.as_view(), name="api-simulation"),
    path(
        "projects/<int:pk>/simulations/<int:run>/plot/",
        simulationapi.SimulationPlot.as_view(),
        name="api-simulation-plot",
    ),
    path(
        "projects/<int:pk>/simulations/<int:run>/points/",
        simulationapi.SimulationPoints.as_view(),
        name="api-simulation-points",
    ),
]
