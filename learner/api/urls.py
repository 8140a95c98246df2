"""Addresses of the API v1 that concern learning."""

from django.urls import URLPattern, URLResolver, path

from learner.api import rounds, simulations

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<int:pk>/progress/", rounds.ProjectProgress.as_view(), name="api-progress"),
    path("projects/<int:pk>/rounds/", rounds.Rounds.as_view(), name="api-rounds"),
    path("projects/<int:pk>/simulations/", simulations.Simulations.as_view(), name="api-simulations"),
    path("projects/<int:pk>/simulations/<int:run>/", simulations.SimulationDetail.as_view(), name="api-simulation"),
    path(
        "projects/<int:pk>/simulations/<int:run>/cancel/",
        simulations.SimulationCancel.as_view(),
        name="api-simulation-cancel",
    ),
    path(
        "projects/<int:pk>/simulations/<int:run>/plot/",
        simulations.SimulationPlot.as_view(),
        name="api-simulation-plot",
    ),
    path(
        "projects/<int:pk>/simulations/<int:run>/points/",
        simulations.SimulationPoints.as_view(),
        name="api-simulation-points",
    ),
]
