"""The dashboard: how far the labels are, how good the model is, how the loop runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import json_script
from rest_framework.utils.encoders import JSONEncoder

from annotation.access import project_page, role_in
from annotation.models import Project, Role, User
from annotation.templatetags.navigation import url_or_none
from learner.metrics import MIN_TEST_ANSWERS
from learner.progress import snapshot


@project_page("review")
def dashboard_index(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the page with the numbers of now in it; its script keeps them new by the API."""
    assert isinstance(request.user, User)
    context = {
        "project": project,
        "progress": json_script(snapshot(project).document, "progress-now", JSONEncoder),  # as the API writes it
        "is_lead": role_in(request.user, project) == Role.LEAD,
        "imports_url": url_or_none("imports-index", project.pk),
        "annotate_url": url_or_none("annotate-index", project.pk),
        "needed": MIN_TEST_ANSWERS,
    }
    return render(request, "learner/dashboard/index.html", context)
