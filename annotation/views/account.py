"""One's own account: password and API tokens."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotation.accounts.passwords import change_password, is_password_of
from annotation.errors import TooManyAttempts
from annotation.i18n import translated
from annotation.models import ApiToken, Scope, User
from annotation.views.forms import PasswordForm


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@never_cache
@login_required
def index(request: HttpRequest) -> HttpResponse:
    # The password is a form of the page's own, not a call of the API: a stolen token must not change it.
    user = cast(User, request.user)
    form = PasswordForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid() and _change(request, user, form):
        update_session_auth_hash(request, user)
        messages.success(
            request, _("Your password is changed. Other browsers are signed out, and your API tokens are revoked.")
        )
        return redirect("account-index")
    context = {
        "form": form,
        "tokens": ApiToken.objects.filter(user=user).current(),
        "scopes": Scope.choices,
        "crumb": _("Account"),
    }
    return render(request, "annotation/account/index.html", context)


def _change(request: HttpRequest, user: User, form: PasswordForm) -> bool:
    try:
        if not is_password_of(request, user, form.cleaned_data["old"]):
            form.add_error("old", _("That is not your password."))
            return False
    except TooManyAttempts as error:
        form.add_error("old", translated(error.message))
        return False
    try:
        password_validation.validate_password(form.cleaned_data["new"], user)
    except ValidationError as error:
        form.add_error("new", error)
        return False
    change_password(user, form.cleaned_data["new"])
    return True
