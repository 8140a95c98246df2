"""Addresses of the API v1 that concern learning."""

from django.urls import URLPattern, URLResolver, path

from learner.api import rounds, simulations

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<row:pk>/progress/", rounds.ProjectProgress.as_view(), name="api-progress"),
    path("projects/<row:pk>/rounds/", rounds.Rounds.as_view(), name="api-rounds"),
    path("projects/<row:pk>/simulations/", simulations.Simulations.as_view(), name="api-simulations"),
    path("projects/<row:pk>/simulations/<row:run>/", simulations.SimulationDetail.as_view(), name="api-simulation"),
    path(
        "projects/<row:pk>/simulations/<row:run>/cancel/",
        simulations.SimulationCancel.as_view(),
        name="api-simulation-cancel",
    ),
    path(
        "projects/<row:pk>/simulations/<row:run>/plot/",
        simulations.SimulationPlot.as_view(),
        name="api-simulation-plot",
    ),
    path(
        "projects/<row:pk>/simulations/<row:run>/points/",
        simulations.SimulationPoints.as_view(),
        name="api-simulation-points",
    ),
]
