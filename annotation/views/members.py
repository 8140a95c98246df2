"""Who takes part in a project."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.access import project_page
from annotation.api.members import invitation_out, members_of, members_out
from annotation.models import Project, Role


@project_page("lead")
def index(request: HttpRequest, project: Project) -> HttpResponse:
    rows = list(members_of(project).order_by("user__username"))
    invitations = project.invitations.select_related("created_by").order_by("-pk")
    context = {
        "project": project,
        "members": members_out(project, rows),
        "invitations": [invitation_out(row, request) for row in invitations if row.is_open],
        "roles": Role.choices,
    }
    return render(request, "annotation/members/index.html", context)
