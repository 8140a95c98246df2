"""Who takes part in a project."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.access import project_page
from annotation.api.members import MAX_INVITATION_USES, invitations_out, members_of, members_out
from annotation.models import Project, Role, User
from annotation.projects.members import invitable_roles


@project_page("lead")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    rows = list(members_of(project).order_by("user__username"))
    invitations = list(project.invitations.open().select_related("created_by").order_by("-pk"))
    context = {
        "project": project,
        "members": members_out(project, rows),
        "invitations": invitations_out(project, invitations),
        "roles": Role.choices,
        "invitable": [(role, Role(role).label) for role in invitable_roles(cast(User, request.user))],
        "max_uses": MAX_INVITATION_USES,
    }
    return render(request, "annotation/members/index.html", context)
