"""Addresses of the API v1 that concern people, items and answers."""

from django.urls import path

from annotation.api import labelling

urlpatterns = [
    path("projects/<int:pk>/next/", labelling.Next.as_view(), name="api-next"),
    path("projects/<int:pk>/annotations/", labelling.Annotations.as_view(), name="api-annotations"),
    path("annotations/<uuid:uuid>/undo/", labelling.Undo.as_view(), name="api-undo"),
]
