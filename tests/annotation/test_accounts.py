"""Accounts: names and passwords of new ones, what an admin does with them, links to set a password."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from annotation import tasks
from annotation.accounts import administration, api_tokens
from annotation.accounts.creation import make_user
from annotation.errors import InvalidRequest
from annotation.management.commands.demo import make_people
from annotation.models import Annotation, ApiToken, Assignment, Item, Membership, Project, Scope, User
from annotation.queue import leasing
from annotation.views import passwords
from learner.autopilot.accounts import ensure_annotators
from tests.annotation.test_sign_in import Clock
from tests.conftest import PASSWORD

Api = Callable[[User | None], APIClient]
URL = "/api/v1/accounts/"
NEW = "correct horse battery"


def row(api: APIClient, user: User) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"{URL}{user.pk}/").json()
    return found


# Names and passwords


@pytest.mark.parametrize("name", ["LEAD", "ｌead", "Iead", "1ead", "leаd", " lead ", "lead"])
def test_a_name_that_looks_like_another_is_refused(lead: User, name: str) -> None:
    with pytest.raises(InvalidRequest, match="taken, or looks like one") as caught:
        make_user(name, NEW)
    assert caught.value.details == {"field": "username"}
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["leader", "leah", "lead2", "张三", "læd"])
def test_other_names_are_not(lead: User, name: str) -> None:
    assert make_user(name, NEW).username == name


def test_the_command_refuses_them_in_words(lead: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW)
    with pytest.raises(CommandError, match="looks like one"):
        call_command("createsuperuser", username="Lead", email="", interactive=False)


def test_two_at_once_do_not_get_alike_names(lead: User) -> None:
    other = User.objects.create_user("other", password=PASSWORD)
    with pytest.raises(Exception, match=r"user_name_looks_once|name_skeleton"):
        User.objects.filter(pk=other.pk).update(name_skeleton=lead.name_skeleton)


@pytest.mark.parametrize(("password", "words"), [("elevenchars", "12 characters"), ("password1234", "common")])
def test_a_weak_password_is_refused(db: None, password: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        make_user("newcomer", password)


def test_passwords_of_before_stay_good(lead: User, client: Client) -> None:
    lead.set_password("short")
    lead.save()
    assert client.post("/sign-in/", {"username": "lead", "password": "short"}).status_code == 302


@pytest.mark.both_databases
def test_names_of_before_that_look_alike_stay_and_are_listed(admin: User, api_of: Api) -> None:
    people = [User.objects.create_user(name, password=PASSWORD) for name in ("anna", "one", "two")]
    for user, name in zip(people, ("anna", "Anna", "аnna"), strict=True):
        User.objects.filter(pk=user.pk).update(username=name, name_skeleton=None)
    import_module("annotation.migrations.0014_name_skeletons").fill(apps, None)
    assert [User.objects.get(pk=user.pk).name_skeleton is None for user in people] == [False, True, True]
    alike = {entry["username"]: entry["looks_like"] for entry in api_of(admin).get(URL).json()["results"]}
    assert alike == {"admin": [], "anna": ["Anna", "аnna"], "Anna": ["anna", "аnna"], "аnna": ["Anna", "anna"]}
    page = api_of(admin).get("/accounts/").content.decode()
    assert "look like another account" in page
    # all of them still work
    people[1].refresh_from_db()
    people[1].email = "anna@example.org"
    people[1].save()
    assert Client().post("/sign-in/", {"username": "Anna", "password": PASSWORD}).status_code == 302
    with pytest.raises(ValidationError):
        User.objects.create_user("ANNA", password=PASSWORD)


# What an admin does


def test_an_admin_makes_an_account_whose_owner_sets_the_password(admin: User, api_of: Api) -> None:
    body = {"username": "newcomer", "email": "new@example.org", "may_create_projects": True}
    made = api_of(admin).post(URL, body, format="json").json()
    assert made["account"]["may_create_projects"]
    assert not made["account"]["is_admin"]
    client = Client()
    opened = client.get(made["url"].removeprefix("http://testserver"), follow=True)
    assert "newcomer" in opened.content.decode()
    [(address, _status)] = opened.redirect_chain
    assert made["url"].rsplit("/", 2)[1] not in address  # the token is out of the address
    assert "12 characters" in client.post(address, {"new": "short"}).content.decode()
    assert client.post(address, {"new": NEW})["Location"] == "/sign-in/"
    assert client.post("/sign-in/", {"username": "newcomer", "password": NEW}).status_code == 302
    assert client.get("/projects/create/").status_code == 200
    again = Client().get(made["url"].removeprefix("http://testserver"), follow=True)
    assert "used already" in again.content.decode()


def test_accounts_are_found_by_name_and_address(admin: User, lead: User, api_of: Api) -> None:
    User.objects.filter(pk=lead.pk).update(email="boss@example.org")
    User.objects.create(username="imported", is_machine=True)
    api = api_of(admin)
    assert [entry["username"] for entry in api.get(URL).json()["results"]] == ["admin", "lead"]
    for search in ("EAD", "boss@"):
        assert [entry["username"] for entry in api.get(URL, {"search": search}).json()["results"]] == ["lead"]
    assert "boss@example.org" in api.get("/accounts/?search=lea").content.decode()
    assert "boss@example.org" not in api.get("/accounts/?search=nobody").content.decode()


def test_the_list_asks_a_few_questions_however_long_it_is(
    admin: User, api_of: Api, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        User.objects.create_user(f"person-{n}", password=PASSWORD)
    api = api_of(admin)
    with django_assert_max_num_queries(8):
        assert len(api.get(URL).json()["results"]) == 31


def test_an_admin_says_who_may_create_projects(admin: User, lead: User, api_of: Api) -> None:
    project = {"name": "New", "task_type": "text_classification", "labels": [{"name": "a"}, {"name": "b"}]}
    assert api_of(lead).post("/api/v1/projects/", project, format="json").status_code == 403
    for allowed, status in ((True, 201), (False, 403)):
        changed = api_of(admin).patch(f"{URL}{lead.pk}/", {"may_create_projects": allowed}, format="json")
        assert changed.json()["may_create_projects"] is allowed
        assert api_of(lead).post("/api/v1/projects/", project, format="json").status_code == status


def test_who_is_deactivated_is_out_at_once_and_may_come_back(
    admin: User,
    annotator: User,
    project: Project,
    api_of: Api,
    client_of: Callable[..., Client],
    make_items: Callable[..., list[Item]],
) -> None:
    make_items(project, 3)
    leasing.lease(project, annotator, 2)
    client, key = client_of(annotator), api_tokens.create_token(annotator, "script", Scope.READ, None)[1]
    api = api_of(admin)
    assert api.patch(f"{URL}{annotator.pk}/", {"is_active": False}, format="json").json()["is_active"] is False
    assert client.get("/account/").status_code == 302
    assert Client(headers={"Authorization": f"Token {key}"}).get("/api/v1/me/").status_code == 401
    assert not Assignment.objects.exists()
    credentials = {"username": "annotator", "password": PASSWORD}
    assert Client().post("/sign-in/", credentials).status_code == 200
    api.patch(f"{URL}{annotator.pk}/", {"is_active": True}, format="json")
    assert client.get("/account/").status_code == 302  # the session of before stays ended
    assert not ApiToken.objects.exists()
    assert Client().post("/sign-in/", credentials).status_code == 302
    assert Membership.objects.filter(user=annotator, project=project).exists()


def test_sign_out_everywhere_ends_sessions_and_tokens(
    admin: User, lead: User, api_of: Api, client_of: Callable[..., Client]
) -> None:
    browsers, others = [client_of(lead), client_of(lead)], client_of(admin)
    api_tokens.create_token(lead, "script", Scope.READ, None)
    assert api_of(admin).post(f"{URL}{lead.pk}/sign-out/").json() == {"tokens_revoked": 1}
    assert [client.get("/account/").status_code for client in browsers] == [302, 302]
    assert others.get("/account/").status_code == 200
    again = Client()
    assert again.post("/sign-in/", {"username": "lead", "password": PASSWORD}).status_code == 302
    assert again.get("/account/").status_code == 200


def test_sessions_of_before_stay_valid(lead: User, client_of: Callable[..., Client]) -> None:
    """As long as nobody ended them: the hash in a session is Django's own."""
    assert lead.get_session_auth_hash() == super(User, lead).get_session_auth_hash()


def test_anonymising_takes_the_person_and_leaves_the_answers(
    admin: User, annotator: User, project: Project, api_of: Api, make_items: Callable[..., list[Item]]
) -> None:
    [item] = make_items(project, 1)
    answer = Annotation.objects.create(
        project=project, item=item, user=annotator, outcome="label", value={"labels": ["ham"]}, reason="random"
    )
    User.objects.filter(pk=annotator.pk).update(
        email="a@example.org", first_name="Ann", last_name="Otator", is_staff=True, last_login="2026-01-01T00:00:00Z"
    )
    api = api_of(admin)
    for _ in range(2):  # a second time changes nothing
        assert api.post(f"{URL}{annotator.pk}/anonymise/").json()["username"] == f"anonymous-{annotator.pk}"
    kept = User.objects.filter(pk=annotator.pk).values().get()
    assert not [name for name, value in kept.items() if str(value) in ("annotator", "a@example.org", "Ann", "Otator")]
    assert (kept["is_active"], kept["is_staff"], kept["last_login"]) == (False, False, None)
    answer.refresh_from_db()
    assert answer.user_id == annotator.pk
    assert not Membership.objects.filter(user=annotator).exists()
    assert api.patch(f"{URL}{annotator.pk}/", {"is_active": True}, format="json").status_code == 409
    assert api.post(f"{URL}{annotator.pk}/reset-link/").status_code == 409
    make_user("annotator", NEW)  # the name is free


def test_the_last_admin_stays(admin: User, lead: User, api_of: Api) -> None:
    api = api_of(admin)
    for call in (
        lambda: api.patch(f"{URL}{admin.pk}/", {"is_admin": False}, format="json"),
        lambda: api.patch(f"{URL}{admin.pk}/", {"is_active": False}, format="json"),
        lambda: api.post(f"{URL}{admin.pk}/anonymise/"),
    ):
        answer = call()
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "last_admin")
    assert api.patch(f"{URL}{lead.pk}/", {"is_admin": True}, format="json").json()["is_admin"]
    assert api.patch(f"{URL}{admin.pk}/", {"is_admin": False}, format="json").status_code == 200
    assert api.get(URL).status_code == 404


def test_machines_are_no_accounts(admin: User, api_of: Api) -> None:
    machine = User.objects.create(username="imported", is_machine=True)
    assert api_of(admin).get(f"{URL}{machine.pk}/").status_code == 404
    assert api_of(admin).get(f"{URL}{10**30}/").status_code == 404


def test_the_page_of_an_account(admin: User, lead: User, project: Project, client_of: Callable[..., Client]) -> None:
    page = client_of(admin).get(f"/accounts/{lead.pk}/").content.decode()
    assert "SMS spam" in page
    assert "Deactivate account" in page
    assert "Deactivate account" not in client_of(admin).get(f"/accounts/{admin.pk}/").content.decode()
    assert 'href="/accounts/"' in page
    assert 'href="/accounts/"' not in client_of(lead).get("/").content.decode()


# A forgotten password


@pytest.fixture
def mailed(settings: Any, monkeypatch: pytest.MonkeyPatch, lead: User) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    User.objects.filter(pk=lead.pk).update(email="Lead@Example.org")
    monkeypatch.setattr(passwords, "send_message", lambda _task, *args: tasks.send_reset_links(*args))


def forget(email: str) -> Any:
    return Client().post("/password/forgotten/", {"email": email})


@pytest.mark.usefixtures("mailed")
def test_a_link_comes_by_mail_and_changes_the_password_once(lead: User, client_of: Callable[..., Client]) -> None:
    session, key = client_of(lead), api_tokens.create_token(lead, "script", Scope.READ, None)[1]
    assert "on its way" in forget("lead@example.org").content.decode()
    [sent] = mail.outbox
    assert sent.to == ["Lead@Example.org"]
    link = re.search(r"http://testserver(/password/reset/\S+)", sent.body)
    assert link
    client = Client()
    address = client.get(link[1], follow=True).redirect_chain[0][0]
    client.post(address, {"new": NEW})
    assert client.post("/sign-in/", {"username": "lead", "password": NEW}).status_code == 302
    assert session.get("/account/").status_code == 302
    assert Client(headers={"Authorization": f"Token {key}"}).get("/api/v1/me/").status_code == 401
    assert "used already" in Client().get(link[1], follow=True).content.decode()


@pytest.mark.usefixtures("mailed")
def test_nobody_learns_who_has_an_account(lead: User, annotator: User) -> None:
    pages = [forget(email).content for email in ("nobody@example.org", "lead@example.org")]
    assert len({re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page) for page in pages}) == 1
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("mailed")
def test_no_mail_goes_to_who_may_not_sign_in_by_password(lead: User) -> None:
    User.objects.filter(pk=lead.pk).update(is_active=False)
    forget("lead@example.org")
    User.objects.filter(pk=lead.pk).update(is_active=True)
    lead.refresh_from_db()
    lead.set_unusable_password()
    lead.save()
    forget("lead@example.org")
    assert mail.outbox == []


@pytest.mark.usefixtures("mailed")
def test_no_mailbox_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    statuses = [forget("lead@example.org").status_code for _ in range(8)]
    assert statuses[-1] == 429
    assert len(mail.outbox) <= 4


def test_without_mail_one_asks_an_admin(lead: User, admin: User, api_of: Api) -> None:
    assert "Ask an admin" in Client().get("/password/forgotten/").content.decode()
    link = api_of(admin).post(f"{URL}{lead.pk}/reset-link/").json()["url"]
    assert Client().get(link.removeprefix("http://testserver"), follow=True).status_code == 200


def test_the_address_changes_with_the_password_alone(lead: User, client_of: Callable[..., Client]) -> None:
    client = client_of(lead)
    body = {"form": "email", "email": "lead@example.org"}
    assert "not your password" in client.post("/account/", {**body, "old": "wrong"}).content.decode()
    assert client.post("/account/", {**body, "old": PASSWORD}).status_code == 302
    lead.refresh_from_db()
    assert lead.email == "lead@example.org"
    assert lead.check_password(PASSWORD)


# Those who come with Margin


def test_demo_and_autopilot_follow_the_rules(db: None) -> None:
    made = dict(make_people())
    project = Project.objects.create(name="New", task_type="text_classification")
    made |= {person.username: person.password for person in ensure_annotators(project, 3)}
    for name, password in made.items():
        user = User.objects.get(username=name)
        assert user.check_password(password)
        administration.human_users().get(name_skeleton=user.name_skeleton)
        make_user(f"{name}-again", password)
    assert User.objects.get(username="lead").has_perm("annotation.add_project")
    assert not User.objects.get(username="anna").has_perm("annotation.add_project")
