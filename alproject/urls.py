"""Where everything is mounted: pages at /, the API at /api/v1/, operations at the root."""

from django.urls import include, path, register_converter

from annotation.row_numbers import RowNumber
from annotation.views import docs, errors, health

register_converter(RowNumber, "row")  # before the addresses below are read

handler400, handler403, handler404, handler500 = (
    errors.bad_request,
    errors.forbidden,
    errors.not_found,
    errors.server_error,
)
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
