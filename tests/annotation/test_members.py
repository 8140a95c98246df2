"""People of a project: who is added, who leaves, who may come in by a link."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from annotation.access import open_invitation_by_token
from annotation.errors import Conflict, InvalidRequest
from annotation.models import Assignment, Invitation, Item, Membership, Project, Role, User
from annotation.projects import members
from annotation.queue import leasing
from tests.conftest import PASSWORD

Api = Callable[[User | None], APIClient]


def member(project: Project, user: User) -> Membership:
    return Membership.objects.get(project=project, user=user)


def url(project: Project, row: Membership | None = None, verb: str = "") -> str:
    return f"/api/v1/projects/{project.pk}/members/" + (f"{row.pk}/{verb}" if row else "")


# Members


def test_leads_see_all_and_others_only_names(
    project: Project, lead: User, reviewer: User, annotator: User, api_of: Api
) -> None:
    for user in (reviewer, annotator):
        rows = api_of(user).get(url(project)).json()["results"]
        assert [sorted(row) for row in rows] == [["id", "username"]] * 3
    rows = api_of(lead).get(url(project)).json()["results"]
    assert {row["username"]: row["role"] for row in rows} == {
        "lead": "lead",
        "annotator": "annotator",
        "reviewer": "reviewer",
    }


def test_the_imported_annotator_is_no_member_to_manage(project: Project, lead: User, api_of: Api) -> None:
    machine = User.objects.create(username="imported", is_machine=True)
    Membership.objects.create(project=project, user=machine)
    assert len(api_of(lead).get(url(project)).json()["results"]) == 3
    assert api_of(lead).delete(url(project, member(project, machine))).status_code == 404
    with pytest.raises(InvalidRequest):
        members.add_member(project, lead, "imported", "lead")


def test_the_list_takes_the_same_queries_for_any_number_of_members(
    project: Project, lead: User, api_of: Api, django_assert_num_queries: Callable[..., Any]
) -> None:
    for n in range(20):
        Membership.objects.create(project=project, user=User.objects.create(username=f"u{n}"))
    api = api_of(lead)
    # Expect 7 queries: session, user, project with membership, role, members, answers, items in hand
    with django_assert_num_queries(7):
        rows = api.get(url(project)).json()["results"]
    assert len(rows) == 23


def test_a_lead_adds_a_user_who_exists(project: Project, lead: User, stranger: User, api_of: Api) -> None:
    response = api_of(lead).post(url(project), {"username": "stranger", "role": "reviewer"}, format="json")
    assert response.status_code == 201
    assert member(project, stranger).role == "reviewer"
    again = api_of(lead).post(url(project), {"username": "stranger", "role": "lead"}, format="json")
    assert again.status_code == 409
    assert member(project, stranger).role == "reviewer"


def test_only_an_instance_admin_makes_users(project: Project, lead: User, admin: User, api_of: Api) -> None:
    given = {"username": "newcomer", "role": "annotator", "password": "a-good-long-one"}
    refused = api_of(lead).post(url(project), given, format="json")
    assert refused.status_code == 400
    assert "invitation" in refused.json()["error"]["message"]
    assert not User.objects.filter(username="newcomer").exists()
    assert api_of(admin).post(url(project), given, format="json").status_code == 201
    assert User.objects.get(username="newcomer").check_password("a-good-long-one")


@pytest.mark.parametrize(("who", "advice"), [("lead", "Make an invitation link"), ("admin", "Give a password")])
def test_an_unknown_name_is_refused_with_what_the_caller_can_do(
    request: pytest.FixtureRequest, project: Project, api_of: Api, who: str, advice: str
) -> None:
    caller = request.getfixturevalue(who)
    error = api_of(caller).post(url(project), {"username": "nobody"}, format="json").json()["error"]
    assert advice in error["message"]
    assert error["details"] == {"field": "username"}


def test_a_password_sent_for_a_user_who_exists_changes_nothing(
    project: Project, admin: User, stranger: User, api_of: Api
) -> None:
    api_of(admin).post(url(project), {"username": "stranger", "password": "taken-over-now"}, format="json")
    stranger.refresh_from_db()
    assert stranger.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [("newcomer", "short", "password"), ("newcomer", "newcomer1", "password"), ("a b", "a-good-long-one", "username")],
)
def test_accounts_follow_the_rules(
    project: Project, admin: User, api_of: Api, username: str, password: str, field: str
) -> None:
    response = api_of(admin).post(url(project), {"username": username, "password": password}, format="json")
    assert response.status_code == 400
    assert response.json()["error"]["details"] == {"field": field}
    assert Membership.objects.filter(project=project).count() == 3


def test_the_last_lead_stays(project: Project, lead: User, annotator: User, api_of: Api) -> None:
    mine = url(project, member(project, lead))
    assert api_of(lead).delete(mine).status_code == 409
    response = api_of(lead).patch(mine, {"role": "reviewer"}, format="json")
    assert response.json()["error"]["code"] == "last_lead"
    api_of(lead).patch(url(project, member(project, annotator)), {"role": "lead"}, format="json")
    assert api_of(lead).delete(mine).status_code == 204
    assert not Membership.objects.filter(project=project, user=lead).exists()


def test_who_leaves_gives_back_what_is_in_hand_and_keeps_answers(
    project: Project, lead: User, annotator: User, api_of: Api, make_items: Callable[..., list[Item]]
) -> None:
    make_items(project, 5)
    leasing.lease(project, annotator, 3)
    held = Assignment.objects.filter(user=annotator).first()
    assert held is not None
    Assignment.objects.filter(pk=held.pk).update(answered=True)
    assert api_of(lead).delete(url(project, member(project, annotator))).status_code == 204
    assert list(Assignment.objects.filter(user=annotator).values_list("pk", flat=True)) == [held.pk]
    assert api_of(annotator).post(f"/api/v1/projects/{project.pk}/next/", {"n": 1}).status_code == 404


def test_a_lead_releases_leases(
    project: Project, lead: User, annotator: User, api_of: Api, make_items: Callable[..., list[Item]]
) -> None:
    make_items(project, 5)
    leasing.lease(project, annotator, 3)
    row = member(project, annotator)
    assert api_of(lead).get(url(project)).json()["results"][1]["in_hand"] == 3
    assert api_of(lead).post(url(project, row, "release/")).json() == {"released": 3}
    assert not Assignment.objects.filter(user=annotator).exists()


def test_the_page_says_what_a_person_holds_and_offers_to_release_it(
    project: Project,
    lead: User,
    annotator: User,
    client_of: Callable[..., Client],
    make_items: Callable[..., list[Item]],
) -> None:
    make_items(project, 5)
    leasing.lease(project, annotator, 3)
    html = client_of(lead).get(f"/projects/{project.pk}/members/").content.decode()
    assert re.findall("data-leased>(.*?)<", html) == ["3", "0", "0"]  # annotator, lead, reviewer
    assert html.count("data-release ") == 1


def test_the_page_shows_a_hundred_at_a_time_and_finds_one_by_name(
    project: Project, lead: User, client_of: Callable[..., Client]
) -> None:
    users = User.objects.bulk_create(User(username=f"member{n:03}") for n in range(230))
    Membership.objects.bulk_create(Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users)
    address, client = f"/projects/{project.pk}/members/", client_of(lead)
    pages = [client.get(address, {"page": page}).content.decode() for page in (1, 2, 3)]
    shown = [re.findall('data-name="(.*?)"', html) for html in pages]
    assert [len(names) for names in shown] == [100, 100, 33]
    assert len({name for names in shown for name in names}) == 233
    assert re.findall('data-name="(.*?)"', client.get(address, {"name": "BER217"}).content.decode()) == ["member217"]
    assert client.get(address, {"page": "nonsense"}).status_code == 200


# Invitations


def test_a_link_is_made_listed_and_revoked(project: Project, lead: User, api_of: Api) -> None:
    api, address = api_of(lead), f"/api/v1/projects/{project.pk}/invitations/"
    made = api.post(address, {"role": "reviewer", "max_uses": 3}, format="json").json()
    assert made["url"].startswith("http://testserver/invitations/")
    [listed] = api.get(address).json()["results"]
    assert listed == {**made, "url": None}  # its secret is shown once
    assert (listed["max_uses"], listed["uses"], listed["is_open"]) == (3, 0, True)
    assert api.delete(f"{address}{made['id']}/").status_code == 204
    assert api.delete(f"{address}{made['id']}/").status_code == 204
    assert not api.get(address).json()["results"][0]["is_open"]


@pytest.fixture
def link(project: Project, lead: User) -> str:
    """The address of a link for ten reviewers."""
    return link_of(project, lead, 10)


def link_of(project: Project, by: User, max_uses: int = 1) -> str:
    return f"/invitations/{members.create_invitation(project, by, 'reviewer', max_uses)[1]}/"


def people(count: int) -> list[User]:
    return [User.objects.create_user(f"guest-{n}", password="a-long-test-password") for n in range(2, count + 2)]


def test_who_is_signed_in_joins(link: str, project: Project, stranger: User, client_of: Callable[..., Client]) -> None:
    client = client_of(stranger)
    assert "SMS spam" in client.get(link).content.decode()
    assert not Membership.objects.filter(project=project, user=stranger).exists()  # looking does not join
    assert client.post(link).status_code == 302
    assert member(project, stranger).role == "reviewer"


def test_secrets_of_links_are_not_kept(link: str) -> None:
    row = Invitation.objects.values().get()
    assert not [value for value in row.values() if link.split("/")[2] in str(value)]


def test_a_member_keeps_the_role_they_have_and_uses_nothing(
    link: str, project: Project, lead: User, client_of: Callable[..., Client]
) -> None:
    client_of(lead).post(link)
    assert member(project, lead).role == "lead"
    assert Invitation.objects.get().uses == 0


@pytest.mark.parametrize("uses", [1, 2])
def test_a_link_lets_in_as_many_as_it_says(
    project: Project, lead: User, client_of: Callable[..., Client], uses: int
) -> None:
    address, clients = link_of(project, lead, uses), [client_of(user) for user in people(3)]
    assert [client.post(address).status_code for client in clients] == [302] * uses + [404] * (3 - uses)
    assert Client().get(address).status_code == 404
    assert Membership.objects.filter(project=project).count() == 3 + uses


def test_of_two_at_once_one_gets_the_last_use(project: Project, lead: User, stranger: User) -> None:
    row, token = members.create_invitation(project, lead, "annotator")
    opened = [open_invitation_by_token(token), open_invitation_by_token(token)]  # both have seen it open
    members.accept_invitation(opened[0], stranger)
    with pytest.raises(members.LinkUsedUp):
        members.accept_invitation(opened[1], people(1)[0])
    row.refresh_from_db()
    assert row.uses == 1


def test_a_link_of_an_earlier_release_goes_on_without_a_limit(
    project: Project, lead: User, client_of: Callable[..., Client]
) -> None:
    address = link_of(project, lead)
    Invitation.objects.update(max_uses=None)
    assert [client_of(user).post(address).status_code for user in people(4)] == [302] * 4


def test_who_was_removed_does_not_come_back_by_an_old_link(
    link: str, project: Project, lead: User, stranger: User, api_of: Api, client_of: Callable[..., Client]
) -> None:
    client, other = client_of(stranger), link_of(project, lead, 10)
    client.post(link)
    assert api_of(lead).delete(url(project, member(project, stranger))).status_code == 204
    assert client.post(link).status_code == 404  # the link by which they came is closed, for new names too
    refused = client.post(other)
    assert refused.status_code == 403
    assert "new link" in refused.content.decode()
    assert not Membership.objects.filter(project=project, user=stranger).exists()
    assert client_of(people(1)[0]).post(other).status_code == 302  # others still come by it
    assert client.post(link_of(project, lead)).status_code == 302  # a new link is an invitation
    api_of(lead).delete(url(project, member(project, stranger)))
    members.add_member(project, lead, "stranger", "annotator")  # and so is being added
    assert client.get(f"/projects/{project.pk}/annotate/").status_code == 200


def test_links_end_with_their_makers_right_to_invite(project: Project, lead: User, reviewer: User, admin: User) -> None:
    def is_open(row: Invitation) -> bool:
        return Invitation.objects.open().filter(pk=row.pk).exists()

    members.change_role(member(project, reviewer), "lead")
    row, _token = members.create_invitation(project, reviewer, "annotator")
    by_admin, _token = members.create_invitation(project, admin, "annotator")
    assert is_open(row)
    for end, again in (
        (lambda: members.change_role(member(project, reviewer), "reviewer"), {}),
        (lambda: User.objects.filter(pk=reviewer.pk).update(is_active=False), {"is_active": True}),
        (lambda: members.remove_member(member(project, reviewer)), None),
    ):
        end()
        assert not is_open(row)
        if again is not None:
            User.objects.filter(pk=reviewer.pk).update(**({"is_active": True} | again))
            members.change_role(member(project, reviewer), "lead")
    assert is_open(by_admin)
    User.objects.filter(pk=admin.pk).update(is_superuser=False)
    assert not is_open(by_admin)


def test_links_for_leads_are_made_by_admins_unless_the_operator_allows_leads(
    project: Project, lead: User, admin: User, api_of: Api, client_of: Callable[..., Client], settings: Any
) -> None:
    address, page = f"/api/v1/projects/{project.pk}/invitations/", f"/projects/{project.pk}/members/"
    option = '<select class="al-select" name="role"><option value="annotator">'

    def may(user: User) -> bool:
        roles = client_of(user).get(page).content.decode().partition(option)[2].partition("</select>")[0]
        status = api_of(user).post(address, {"role": "lead"}, format="json").status_code
        assert status == (201 if 'value="lead"' in roles else 403)
        return status == 201

    assert (may(lead), may(admin)) == (False, True)
    settings.LEADS_INVITE_LEADS = True
    assert (may(lead), may(admin)) == (True, True)


def test_a_newcomer_makes_an_account_and_is_in(link: str, project: Project, client: Client) -> None:
    assert link in client.get(link).content.decode()  # the way to sign in leads back here
    response = client.post(link, {"username": "newcomer", "password": "a-good-long-one"})
    assert response.status_code == 302
    user = User.objects.get(username="newcomer")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert member(project, user).role == "reviewer"
    assert not user.is_staff


@pytest.mark.parametrize(
    ("username", "password", "words"),
    [
        ("annotator", "a-good-long-one", "taken"),
        ("Annotator", "a-good-long-one", "looks like one"),
        ("newcomer", "12345678", "common"),
        ("newcomer", "elevenchars", "12 characters"),
        ("", "a-good-long-one", "required"),
    ],
)
def test_a_bad_account_says_why_and_makes_nothing(
    link: str, annotator: User, client: Client, username: str, password: str, words: str
) -> None:
    before = User.objects.count()
    response = client.post(link, {"username": username, "password": password})
    assert response.status_code == 200
    assert words in response.content.decode()
    assert User.objects.count() == before
    assert Invitation.objects.get().uses == 0
    assert "_auth_user_id" not in client.session


def test_a_revoked_link_lets_nobody_in(
    link: str, project: Project, stranger: User, client_of: Callable[..., Client]
) -> None:
    members.revoke_invitation(Invitation.objects.get())
    for user in (None, stranger):
        response = client_of(user).post(link, {"username": "x", "password": "y"})
        assert response.status_code == 404
        assert "new link" in response.content.decode()
    assert Membership.objects.filter(project=project).count() == 3


def test_the_page_of_people(link: str, project: Project, lead: User, client_of: Callable[..., Client]) -> None:
    html = client_of(lead).get(f"/projects/{project.pk}/members/").content.decode()
    assert "0 of 10 used" in html
    assert link not in html
    assert html.count("data-member=") == 3
    members.revoke_invitation(Invitation.objects.get())
    assert "0 of 10 used" not in client_of(lead).get(f"/projects/{project.pk}/members/").content.decode()


def test_adding_twice_is_a_conflict_below_the_api_too(project: Project, lead: User, annotator: User) -> None:
    with pytest.raises(Conflict):
        members.add_member(project, lead, annotator.username, "lead")
