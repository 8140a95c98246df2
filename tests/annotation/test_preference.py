"""Preferences: two things a row, and which is preferred."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation import importing, projects
from annotation.errors import InvalidRequest
from annotation.models import Annotation, User

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
    importing.start(run)
    importing.run(run.pk)
    run.refresh_from_db()
    assert (run.rows_added, run.rows_rejected) == (2, 1)
    first = project.items.get(position=0)
    assert first.content == {"left": "a", "right": "b", "fields": {"left.title": "Alien", "right.title": "Gilda"}}
    assert Annotation.objects.answers().get().value == {"labels": ["left"]}
