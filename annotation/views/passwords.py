"""A password that is forgotten: ask for a link by mail, and set a new password by a link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation.accounts import reset_links, sign_in_limits
from annotation.broker import BROKER_ERRORS, send_message
from annotation.errors import TooManyAttempts
from annotation.i18n import translate
from annotation.views.forms import AddressForm, NewPasswordForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether anybody has the address, and a worker sends the mail."""
    form = AddressForm(request.POST or None, label_suffix="")
    context: dict[str, Any] = {"form": form, "has_mail": reset_links.mail_is_configured()}
    if request.method == "POST" and form.is_valid() and reset_links.mail_is_configured():
        try:
            sign_in_limits.count_mail_request(request, form.cleaned_data["email"])
        except TooManyAttempts as error:
            form.add_error("email", translate(error.message))
            return render(request, "annotation/passwords/forgotten.html", context, status=error.status)
        _queue_reset_mail(form.cleaned_data["email"], request.build_absolute_uri("/").rstrip("/"))
        context["is_sent"] = True
    return render(request, "annotation/passwords/forgotten.html", context)


def _queue_reset_mail(email: str, site: str) -> None:
    language = get_language() or "en"
    try:
        send_message("annotation.tasks.send_reset_links", email, site, language)
    except BROKER_ERRORS:  # no broker: send it from here
        reset_links.mail_reset_links(email, site)


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SetPassword(PasswordResetConfirmView):
    """Django's view, which takes the token out of the address before the page loads anything else."""

    template_name = "annotation/passwords/set.html"
    form_class = NewPasswordForm  # type: ignore[assignment]  # one field where Django's has two
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401  (of Django's type, see above)
        response = super().form_valid(form)
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return response
