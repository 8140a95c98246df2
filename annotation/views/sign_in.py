"""Signing in: Django's own view, with a limit on guesses by account and by network."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.socialaccount.adapter import get_adapter
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from annotation.accounts import sign_in_limits
from annotation.errors import TooManyAttempts
from annotation.i18n import translate
from annotation.views.forms import SignInForm


class SignIn(LoginView):
    template_name = "annotation/people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except TooManyAttempts as error:
            response = self.render_to_response(
                self.get_context_data(too_many=translate(error.message)), status=error.status
            )
            response["Retry-After"] = str(error.retry_after_seconds)
            return response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, by way of the second factor where there is one: django-allauth looks after that."""
        user = form.get_user()
        login = Login(user=user, redirect_url=self.get_success_url())
        response: HttpResponse = perform_password_login(self.request, {"username": user.username}, login)
        sign_in_limits.remember_device(response, user.username)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # an unbound form where no attempt was made, so that nothing is checked against passwords
        if "too_many" in kwargs:
            kwargs["form"] = self.get_form_class()(self.request)
        return super().get_context_data(providers=get_adapter().list_providers(self.request), **kwargs)
