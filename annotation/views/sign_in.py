"""Signing in: Django's own view, with a limit on guesses by address and by user name."""

import logging
from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class _SignInThrottle(SimpleRateThrottle):
    """Attempts in the cache, by the rate of the scope `sign-in` that the API's token call has too."""

    scope = "sign-in"

    def __init__(self, kind: str, ident: str) -> None:
        self.ident = f"{kind}:{ident}"
        super().__init__()

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.ident}

    def allows(self, request: HttpRequest) -> bool:
        try:
            return self.allow_request(request, None)  # type: ignore[arg-type]
        except RedisError:
            logger.warning("The cache cannot be reached: sign-in goes on without its limit.")
            return True


def _may_try(request: HttpRequest) -> bool:
    """Count this attempt. Both limits, because a forwarded address can be made up."""
    name = request.POST.get("username", "")[:150].casefold()
    limits = (
        _SignInThrottle("address", request.META.get("REMOTE_ADDR", "")),
        _SignInThrottle("name", name.encode().hex()),
    )
    return all(limit.allows(request) for limit in limits)


class SignIn(LoginView):
    template_name = "annotation/people/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if _may_try(request):
            return super().post(request, *args, **kwargs)
        context = self.get_context_data(too_many=_("Too many attempts. Wait a minute, then try again."))
        response = self.render_to_response(context, status=429)
        response["Retry-After"] = "60"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # an unbound form where no attempt was made, so that nothing is checked against passwords
        if "too_many" in kwargs:
            kwargs["form"] = self.get_form_class()(self.request)
        return super().get_context_data(**kwargs)
