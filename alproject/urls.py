"""Where everything is mounted: pages at /, the API at /api/v1/, operations at the root."""

from django.urls import include, path

from annotation.views import docs, health

urlpatterns = [
    path("api/v1/", include("annotation.api.urls")),  # first, as the busiest: addresses are tried in this order
    path("api/v1/", include("learner.api.urls")),
    path("", include("annotation.urls")),
    path("", include("learner.urls")),
    path("api/schema/", docs.schema, name="api-schema"),
    path("api/docs/", docs.page, name="api-docs"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.alive, name="health-alive"),
    path("readyz", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="health-metrics"),
]
