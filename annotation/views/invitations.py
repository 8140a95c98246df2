"""The page behind an invitation link: join, or make an account and join."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation.access import open_invitation_by_token
from annotation.errors import InvalidRequest
from annotation.models import Invitation, Role, User
from annotation.projects import members
from annotation.templatetags.navigation import url_or_none
from annotation.views.forms import SignUpForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    # A form of the page's own rather than a call of the API, as with sign-in: it makes a session.
    invitation = open_invitation_by_token(token)
    if request.method == "POST":
        return _join_project(request, invitation)
    return _render_invitation(request, invitation, SignUpForm(label_suffix=""))


def _join_project(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if isinstance(request.user, User):
        members.accept_invitation(invitation, request.user)
        return _redirect_to_project(invitation)
    form = SignUpForm(request.POST, label_suffix="")
    if form.is_valid():
        try:
            user = members.join_as_new_user(invitation, form.cleaned_data["username"], form.cleaned_data["password"])
        except InvalidRequest as error:
            form.add_error(error.details.get("field"), error.message)
        else:
            login(request, user)
            return _redirect_to_project(invitation)
    return _render_invitation(request, invitation, form)


def _redirect_to_project(invitation: Invitation) -> HttpResponse:
    return redirect(url_or_none("annotate-index", invitation.project_id) or "projects-index")


def _render_invitation(request: HttpRequest, invitation: Invitation, form: SignUpForm) -> HttpResponse:
    context = {"invitation": invitation, "role": Role(invitation.role).label, "form": form}
    return render(request, "annotation/invitations/accept.html", context)
