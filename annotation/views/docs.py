"""The API's own description: OpenAPI, and a page to read and try it."""

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = SpectacularAPIView.as_view()
# The page's script is served apart from its HTML, as the content security policy asks.
page = login_required(
    SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="annotation/docs/api.html")
)
