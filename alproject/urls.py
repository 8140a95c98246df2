"""Where everything is mounted: pages at /, the API at /api/v1/, operations at the root."""

from django.urls import include, path

urlpatterns = [
    path("", include("annotation.urls")),
    path("", include("learner.urls")),
    path("api/v1/", include("annotation.api.urls")),
    path("api/v1/", include("learner.api_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
