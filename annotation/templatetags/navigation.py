"""Tabs, menu and home address of the page frame: only what exists and what the role allows."""

from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from annotation.access import ROLES_FOR, Need, role_in
from annotation.models import Annotation, Project, User

register = template.Library()


class Tab(NamedTuple):
    """One page of a project in the navigation; current for every view named `<thing>-...`."""

    url_name: str
    title: Any
    need: Need


TABS = (
    Tab("annotate-index", _("Annotate"), "annotate"),
    Tab("items-index", _("Items"), "annotate"),
    Tab("dashboard-index", _("Dashboard"), "review"),
    Tab("imports-index", _("Data in"), "lead"),
    Tab("exports-index", _("Data out"), "lead"),
    Tab("members-index", _("People"), "lead"),
    Tab("project-settings", _("Settings"), "lead"),
)

# Things without a tab of their own -> the tab from which they are reached.
UNDER = {"simulation": "dashboard", "event": "project-settings"}

MENU = (("account-index", _("Your account")),)
ADMIN_MENU = (("accounts-index", _("Accounts")),)


def url_or_none(name: str, *args: int) -> str | None:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


@register.inclusion_tag("components/tabs.html", takes_context=True)
def project_tabs(context: Context) -> dict[str, Any]:
    """The tabs of the context's `project` for its user; none on other pages. One query at most."""
    project, request = context.get("project"), context.get("request")
    user = getattr(request, "user", None)
    if not isinstance(project, Project) or project.pk is None or not isinstance(user, User):
        return {"tabs": []}
    role = role_in(user, project)
    here = getattr(getattr(request, "resolver_match", None), "url_name", None) or ""
    tabs = [
        {"url": url, "title": tab.title, "current": _page_group(here) == _page_group(tab.url_name)}
        for tab in TABS
        if role in ROLES_FOR[tab.need] and (url := url_or_none(tab.url_name, project.pk))
    ]
    return {"tabs": tabs}


@register.inclusion_tag("components/steps.html")
def project_steps(project: Project | None, here: str) -> dict[str, Any]:
    """The steps to a project that people label, until one of them has answered; `here` is project, data or people."""
    if project is not None and Annotation.objects.filter(project=project, user__is_machine=False).exists():
        return {"steps": []}
    pk = project.pk if project else None
    has_data = bool(project and project.item_count)
    steps = [
        ("project", _("Project"), pk and reverse("project-settings", args=[pk]), bool(pk)),
        ("data", _("Data"), pk and reverse("imports-index", args=[pk]), has_data),
        ("people", _("People"), pk and reverse("members-index", args=[pk]), False),
        ("start", _("Start"), pk and has_data and reverse("annotate-index", args=[pk]), False),
    ]
    return {
        "steps": [
            {"title": title, "url": url or None, "done": done and name != here, "current": name == here}
            for name, title, url, done in steps
        ]
    }


def _page_group(url_name: str) -> str:
    thing = url_name if url_name.startswith("project-") else url_name.split("-")[0].removesuffix("s")
    return UNDER.get(thing, thing)


@register.simple_tag
def home_url() -> str:
    return url_or_none("projects-index") or "/"


@register.simple_tag(takes_context=True)
def menu_links(context: Context) -> list[dict[str, Any]]:
    user = context.get("user")
    links = MENU + ADMIN_MENU if isinstance(user, User) and user.is_superuser else MENU
    return [{"url": url, "title": title} for name, title in links if (url := url_or_none(name))]
