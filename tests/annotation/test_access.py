"""The one door: who gets which project, and what belongs to it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from annotation import access
from annotation.errors import Forbidden, NotFound, Removed
from annotation.models import Annotation, Import, Invitation, Item, Label, Membership, Project, Role, User
from annotation.projects import members


@pytest.fixture
def other(lead: User) -> Project:
    """Another project of the same lead."""
    project = Project.objects.create(name="Other", task_type="text_classification", created_by=lead)
    Label.objects.create(project=project, name="a")
    Membership.objects.create(project=project, user=lead, role=Role.LEAD)
    return project


@pytest.mark.parametrize(
    ("person", "allowed"),
    [("lead", {"annotate", "review", "lead"}), ("reviewer", {"annotate", "review"}), ("annotator", {"annotate"})],
)
def test_members_enter_as_far_as_their_role_goes(
    person: str, allowed: set[str], project: Project, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    for need in ("annotate", "review", "lead"):
        if need in allowed:
            assert access.project_for(user, project.pk, need) == project
        else:
            with pytest.raises(Forbidden):
                access.project_for(user, project.pk, need)


def test_a_stranger_does_not_learn_whether_a_project_exists(project: Project, stranger: User) -> None:
    errors = []
    for pk in (project.pk, project.pk + 1000):
        with pytest.raises(NotFound) as caught:
            access.project_for(stranger, pk, "annotate")
        errors.append(caught.value.message)
    assert errors[0] == errors[1]


def test_who_was_removed_is_told_so_if_the_project_has_their_answers(
    project: Project, annotator: User, stranger: User, client_of: Callable, make_items: Callable
) -> None:
    [item] = make_items(project, 1)
    Annotation.objects.create(project=project, item=item, user=annotator, outcome="skip", reason="random")
    project.memberships.get(user=annotator).delete()
    for need in ("annotate", "lead"):
        with pytest.raises(Removed):
            access.project_for(annotator, project.pk, need)
    client = client_of(annotator)
    response = client.post(f"/api/v1/projects/{project.pk}/next/", {}, content_type="application/json")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (404, "removed")
    assert error["message"] == "A lead removed you from this project."
    assert "A lead removed you" in client.get(f"/projects/{project.pk}/annotate/").content.decode()
    with pytest.raises(NotFound) as caught:
        access.project_for(stranger, project.pk, "annotate")
    assert not isinstance(caught.value, Removed)


def test_the_unknown_and_the_inactive_stay_outside(project: Project, lead: User) -> None:
    with pytest.raises(NotFound):
        access.project_for(AnonymousUser(), project.pk, "annotate")
    lead.is_active = False
    with pytest.raises(NotFound):
        access.project_for(lead, project.pk, "annotate")
    assert not access.projects_for(AnonymousUser()).exists()


def test_an_instance_admin_is_lead_everywhere(project: Project, admin: User) -> None:
    assert access.project_for(admin, project.pk, "lead") == project
    assert access.roles_of(admin, [project]) == {project.pk: Role.LEAD}


def test_the_door_asks_one_question(project: Project, annotator: User, django_assert_num_queries: Callable) -> None:
    # Expect 1 query: the membership with its project
    with django_assert_num_queries(1):
        access.project_for(annotator, project.pk, "annotate")


def test_what_belongs_to_another_project_is_not_found(
    project: Project, other: Project, lead: User, make_items: Callable[..., list[Item]]
) -> None:
    [item] = make_items(project, 1)
    member = Membership.objects.get(project=project, user=lead)
    invitation, _token = members.create_invitation(project, lead, "annotator")
    run = Import.objects.create(project=project, name="a.csv")
    doors = [
        (access.item_for, item),
        (access.member_for, member),
        (access.invitation_for, invitation),
        (access.import_for, run),
    ]
    for door, row in doors:
        assert door(lead, project.pk, row.pk) == row
        with pytest.raises(NotFound):
            door(lead, other.pk, row.pk)


def test_an_invitation_is_good_until_it_is_revoked_or_too_old(project: Project, lead: User) -> None:
    invitation, token = members.create_invitation(project, lead, "annotator")
    assert access.open_invitation_by_token(token) == invitation
    for change in ({"revoked_at": timezone.now()}, {"revoked_at": None, "expires_at": timezone.now()}):
        Invitation.objects.filter(pk=invitation.pk).update(**change)
        with pytest.raises(NotFound, match="Ask the project's lead"):
            access.open_invitation_by_token(token)


def test_only_staff_make_projects(lead: User, admin: User) -> None:
    assert access.may_create_projects(admin)
    assert not access.may_create_projects(lead)
    lead.is_staff = True
    assert access.may_create_projects(lead)
