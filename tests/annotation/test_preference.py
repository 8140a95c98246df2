"""Preferences: two things a row, and which is preferred."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.errors import InvalidRequest
from annotation.imports import importing
from annotation.models import Annotation, User
from annotation.projects import projects

TABLE = b"left,right,left.title,right.title,choice\na,b,Alien,Gilda,left\nb,c,Gilda,Heat,\nc,a,Heat,Alien,worse\n"


def test_choices_are_made_and_no_others_can_be(lead: User) -> None:
    assert projects.create_project(lead, "Films", "preference", []).label_names() == ["left", "right", "same"]
    forced = projects.create_project(lead, "Films", "preference", [{"name": "left"}, {"name": "right"}])
    assert forced.label_names() == ["left", "right"]
    with pytest.raises(InvalidRequest):
        projects.create_project(lead, "Films", "preference", [{"name": "up"}])


def test_two_things_a_row(lead: User) -> None:
    project = projects.create_project(lead, "Films", "preference", [])
    run = importing.create_import(project, lead, SimpleUploadedFile("films.csv", TABLE))
    assert (run.mapping["left"], run.mapping["right"], run.mapping["label"]) == ("left", "right", "choice")
    importing.start_draft(run)
    importing.run_import(run.pk)
    run.refresh_from_db()
    assert (run.rows_added, run.rows_rejected) == (2, 1)
    first = project.items.get(position=0)
    assert first.content == {"left": "a", "right": "b", "fields": {"left.title": "Alien", "right.title": "Gilda"}}
    assert Annotation.objects.answers().get().value == {"labels": ["left"]}


def test_what_people_read_is_in_their_language_and_what_is_kept_is_not(lead: User) -> None:
    project = projects.create_project(lead, "Films", "preference", [])
    run = importing.create_import(project, lead, SimpleUploadedFile("films.csv", TABLE))
    importing.start_draft(run)
    importing.run_import(run.pk)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(lead)
    items = client.get(f"/projects/{project.pk}/items/").content.decode()
    assert '<option value="right">右</option>' in items
    assert "</span>左</span>" in items
    assert ">left<" not in items
    keys = client.get(f"/projects/{project.pk}/annotate/").content.decode()
    assert "</span> 右</dd>" in keys
    assert "</span> 没有差别</dd>" in keys
    assert client.get(f"/api/v1/projects/{project.pk}/").json()["labels"][1]["name"] == "right"


def test_a_label_of_that_name_in_another_project_is_a_name(lead: User) -> None:
    project = projects.create_project(lead, "Leaning", "text_classification", [{"name": "left"}, {"name": "right"}])
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(lead)
    assert '<option value="right">right</option>' in client.get(f"/projects/{project.pk}/items/").content.decode()
