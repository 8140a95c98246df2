"""A real browser: an authenticator app, a security key, a passkey; tokens, links and accounts."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from annotation.models import ApiToken, Project, User
from annotation.text.digest import digest_of
from tests.annotation.test_second_factor import code
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FACTOR = "/account/second-factor/"


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("lead")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def authenticator(context: BrowserContext, page: Page) -> None:
    """Give the browser a virtual authenticator that keeps passkeys and always says yes."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_app_is_set_up_and_asked_for(open_context: Any, lead: User) -> None:
    context = open_context(lead)
    page = context.new_page()
    page.goto("/account/")
    page.get_by_role("link", name="Set up second factor").click()
    page.get_by_role("link", name="Set up app").click()
    confirm(page)
    expect(page.get_by_role("img")).to_have_js_property("complete", True)
    secret = page.locator("[data-secret]").inner_text()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Set up app").click()
    expect(page.locator("[data-codes]")).to_have_text(re.compile(r"(\w{8}\s+){9}\w{8}"))

    other = open_context().new_page()
    sign_in(other)
    expect(other.get_by_role("heading", name="Second factor")).to_be_visible()
    other.get_by_label("Code").fill("000000")
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    other.get_by_label("Code").fill(code(secret))
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_text("Signed in as lead")).to_be_attached()


@pytest.mark.parametrize("is_passkey", [False, True], ids=["security key", "passkey"])
def test_a_key_is_added_and_used(open_context: Any, lead: User, is_passkey: bool) -> None:
    context = open_context(lead)
    page = context.new_page()
    authenticator(context, page)
    page.goto(f"{FACTOR}keys/add/")
    confirm(page)
    page.get_by_label("Name").fill("laptop")
    if is_passkey:
        page.get_by_label("Passkey: sign in").check()
    page.get_by_role("button", name="Add key").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(FACTOR)
    expect(page.get_by_text("laptop").first).to_be_visible()
    page.goto("/account/")
    page.locator(".al-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    if is_passkey:
        page.goto("/sign-in/")
        page.get_by_role("button", name="Sign in with a passkey").click()
    else:
        sign_in(page)
        page.get_by_role("button", name="Use passkey or security key").click()
    expect(page.get_by_text("Signed in as lead")).to_be_attached()


def test_a_token_is_made_once_and_revoked(open_context: Any, lead: User) -> None:
    page = open_context(lead).new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/account/")
    page.get_by_label("What the token is for").fill("nightly export")
    page.get_by_label("Scope").select_option("annotate")
    page.get_by_role("button", name="Create token").click()
    field = page.get_by_label("Your new token")
    expect(field).to_have_value(re.compile("^mgn_"))
    key = field.input_value()
    made = ApiToken.objects.get(digest=digest_of(key))
    assert (made.name, made.scope) == ("nightly export", "annotate")
    page.reload()
    expect(page.get_by_text("nightly export").first).to_be_visible()
    page.get_by_role("button", name="Revoke nightly export").click()
    expect(page.locator("[data-token]")).to_have_count(0)
    assert not ApiToken.objects.exists()


def test_a_lead_makes_a_link_and_an_admin_an_account(
    open_context: Any, lead: User, admin: User, project: Project
) -> None:
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/members/")
    page.get_by_label("For how many people").fill("3")
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_label("Link", exact=True)).to_have_value(re.compile("/invitations/"))
    page.reload()
    expect(page.get_by_text("0 of 3 used")).to_be_visible()

    page = open_context(admin).new_page()
    page.goto("/accounts/")
    page.get_by_label("User name").fill("newcomer")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("Link to set the password")).to_have_value(re.compile("/password/reset/"))
    page.reload()
    page.get_by_role("link", name="newcomer").click()
    page.get_by_label("May create projects").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("[data-announcement]")).to_have_text("The changes are saved.")
    assert User.objects.get(username="newcomer").has_perm("annotation.add_project")
