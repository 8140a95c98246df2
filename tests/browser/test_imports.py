"""A lead brings data in by keyboard: what is refused says why, and the next key goes on from there."""

from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.models import Project, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_empty_file_is_refused_where_it_was_chosen(
    open_context: Any, project: Project, lead: User, complaints: list[str]
) -> None:
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/imports/")
    page.locator("[name=file]").set_input_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    button = page.get_by_role("button", name="Upload and preview")
    expect(button).to_be_enabled()  # its script is there
    button.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The file is empty")
    expect(button).to_be_focused()
    complaints[:] = [line for line in complaints if "400" not in line]
