"""Who takes part in a project."""

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.access import project_page
from annotation.api.members import MAX_INVITATION_USES, invitations_out, members_of, members_out
from annotation.models import Project, Role, User
from annotation.projects.members import invitable_roles

PAGE_MEMBERS = 100


@project_page("lead")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    name = request.GET.get("name", "").strip()
    everybody = members_of(project).order_by("user__username")
    matching = everybody.filter(user__username__icontains=name) if name else everybody
    page = Paginator(matching, PAGE_MEMBERS).get_page(request.GET.get("page"))
    invitations = list(project.invitations.open().select_related("created_by").order_by("-pk"))
    context = {
        "project": project,
        "members": members_out(project, list(page)),
        "page": page,
        "name": name,
        "invitations": invitations_out(project, invitations),
        "roles": Role.choices,
        "invitable": [(role, Role(role).label) for role in invitable_roles(cast(User, request.user))],
        "max_uses": MAX_INVITATION_USES,
    }
    return render(request, "annotation/members/index.html", context)
