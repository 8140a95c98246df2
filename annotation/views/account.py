"""One's own account: password, e-mail address, time zone, second factor, sessions and API tokens."""

from typing import cast

from allauth.socialaccount.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from annotation.accounts import sessions
from annotation.accounts.creation import check_password_rules
from annotation.accounts.passwords import change_password, is_password_of
from annotation.accounts.second_factor import has_second_factor
from annotation.errors import InvalidRequest, TooManyAttempts
from annotation.i18n import translate
from annotation.models import ApiToken, User
from annotation.time_zones import time_zone_names
from annotation.views.forms import EmailForm, PasswordForm


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@never_cache
@login_required
def index(request: HttpRequest) -> HttpResponse:
    # Forms of the page's own, not calls of the API: a stolen token must not change these.
    user = cast(User, request.user)
    is_email = request.POST.get("form") == "email"
    password_form = PasswordForm(request.POST if request.POST and not is_email else None, label_suffix="")
    email_form = EmailForm(request.POST if is_email else None, label_suffix="", initial={"email": user.email})
    if request.method == "POST":
        done = _change_email(request, user, email_form) if is_email else _change_password(request, user, password_form)
        if done:
            return redirect("account-index")
    context = {
        "form": password_form,
        "email_form": email_form,
        "tokens": ApiToken.objects.filter(user=user).current(),
        "has_second_factor": has_second_factor(user),
        "providers": get_adapter().list_providers(request),
        "sessions": sessions.sessions_of(user),
        "session_key": request.session.session_key,
        "crumb": _("Account"),
        "time_zones": time_zone_names(),
    }
    return render(request, "annotation/account/index.html", context)


@require_POST
@login_required
def end_session(request: HttpRequest, session: int) -> HttpResponse:
    sessions.end_session(cast(User, request.user), session)
    messages.success(request, _("The session is ended."))
    return redirect("account-index")


def _change_password(request: HttpRequest, user: User, form: forms.Form) -> bool:
    if not (form.is_valid() and _has_password(request, user, form)):
        return False
    try:
        check_password_rules(form.cleaned_data["new"], user, "new")
    except InvalidRequest as error:
        form.add_error("new", error.message)
        return False
    change_password(user, form.cleaned_data["new"])
    update_session_auth_hash(request, user)
    messages.success(
        request, _("Your password is changed. Other browsers are signed out, and your API tokens are revoked.")
    )
    return True


def _change_email(request: HttpRequest, user: User, form: forms.Form) -> bool:
    if not (form.is_valid() and _has_password(request, user, form)):
        return False
    user.email = form.cleaned_data["email"]
    user.save(update_fields=["email"])
    messages.success(request, _("Your e-mail address is saved."))
    return True


def _has_password(request: HttpRequest, user: User, form: forms.Form) -> bool:
    """Whether the form has the person's password; it says so where not."""
    try:
        if is_password_of(request, user, form.cleaned_data["old"]):
            return True
        form.add_error("old", _("That is not your password."))
    except TooManyAttempts as error:
        form.add_error("old", translate(error.message))
    return False
