"""Accounts of the site, for instance admins: find and make them; one with all that can be done with it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from annotation.access import account_for_admin, check_instance_admin
from annotation.accounts import administration, reset_links
from annotation.api.accounts import account_out, accounts_out, with_counts
from annotation.api.pagination import CursorPagination
from annotation.models import ApiToken, Membership

MAX_SEARCH_CHARACTERS = 200


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    check_instance_admin(request.user)
    search = request.GET.get("search", "").replace("\0", "")[:MAX_SEARCH_CHARACTERS]
    pages = CursorPagination("username")
    rows = pages.page_of(with_counts(administration.find_people(search)), Request(request))
    late = administration.human_users().filter(name_skeleton=None, anonymised_at=None).order_by("username")
    context = {
        "accounts": accounts_out(rows),
        "alike": accounts_out(list(with_counts(late)[: CursorPagination.max_page_size])),
        "search": search,
        "next": pages.get_next_link(),
        "previous": pages.get_previous_link(),
        "crumb": _("Accounts"),
    }
    return render(request, "annotation/accounts/index.html", context)


@require_safe
@login_required
def show(request: HttpRequest, account: int) -> HttpResponse:
    user = account_for_admin(request.user, account)
    context = {
        "account": account_out(user),
        "memberships": Membership.objects.filter(user=user).select_related("project").order_by("project__name"),
        "tokens": ApiToken.objects.filter(user=user).current(),
        "is_self": user == request.user,
        "has_mail": reset_links.mail_is_configured(),
        "crumb": user.username,
    }
    return render(request, "annotation/accounts/show.html", context)
