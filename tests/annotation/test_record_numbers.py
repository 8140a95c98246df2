"""Records answered by a number: the scale, what comes in and goes out, what people's numbers come to."""

import io
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.errors import InvalidRequest, InvalidSetting, InvalidValue
from annotation.exports.export_table import Filters, Table
from annotation.imports import importing
from annotation.models import Annotation, Import, Project, User
from annotation.projects import projects
from annotation.projects.item_filters import ItemFilter, ItemVisibility
from annotation.queue import answering
from annotation.tasktypes import TASK_TYPES, AnswerContext
from annotation.tasktypes.answers.number_scale import NumberScale
from learner.engine.stopping.model_agreement import lin_concordance
from learner.reports.annotator_activity import answer_counts_report
from tests.annotation.answers import proof_of

AGES = {"number_low": 17, "number_high": 98, "number_step": 1, "number_unit": "years", "number_near": 3}
ANSWERS = TASK_TYPES["record_numbers"].with_settings(AGES).answer
TABLE = b"job,visits,age\ncook,1,41\nnurse,2,17\nclerk,3,98\nguard,4,\n"


@pytest.fixture
def project(lead: User) -> Project:
    return projects.create_project(lead, "Ages", "record_numbers", [], settings=AGES)


def bring(project: Project, lead: User, table: bytes = TABLE) -> Import:
    run = importing.create_import(project, lead, SimpleUploadedFile("ages.csv", table))
    importing.start_draft(run, {"fields": ["job", "visits"], "label": "age"})
    importing.run_import(run.pk)
    run.refresh_from_db()
    return run


# The scale


@pytest.mark.parametrize("number", [True, "41", None, float("nan"), float("inf"), 10**400, 16, 98.5, 41.5, [41]])
def test_what_is_no_number_of_the_scale_is_refused(number: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        ANSWERS.clean({"number": number}, AnswerContext([]))
    assert caught.value.details["part"] == "value.number"


def test_steps_are_exact() -> None:
    tenths = NumberScale(0, 1, 0.1)
    assert tenths.fault(0.1 + 0.2) == ""
    assert tenths.nearest(0.1 + 0.2) == 0.3
    assert tenths.fault(0.35) != ""
    assert NumberScale(-5, 5).nearest(-7) == -5
    assert str(NumberScale(-5, 5, 5).nearest(-0.1)) == "0.0"


def test_what_a_model_says_becomes_a_number_that_can_be_given() -> None:
    assert ANSWERS.value("40.7") == {"number": 41}
    assert ANSWERS.value("120") == {"number": 98}


def test_near_numbers_say_the_same_and_the_others_are_as_far_apart_as_they_are() -> None:
    assert ANSWERS.is_same("41", "44")
    assert not ANSWERS.is_same("41", "45")
    assert (ANSWERS.similarity("41", "44"), ANSWERS.similarity("41", "45")) == (1, 0)
    assert [ANSWERS.differs({"number": 41.0}, {"number": given}) for given in (44.0, 45.0)] == [False, True]
    assert ANSWERS.distance({"number": 17}, {"number": 98}) == 1
    assert ANSWERS.distance({"number": 20}, {"number": 60.5}) == 0.5


def test_answers_of_several_people_come_to_the_middle_one() -> None:
    assert ANSWERS.consensus(["40", "98", "42"]) == "42"
    assert ANSWERS.consensus(["40", "43"]) == "41.5"
    assert ANSWERS.consensus([]) is None


def test_answers_are_counted_in_bins() -> None:
    scale = NumberScale(0, 50)
    assert len(scale.bins()) == 10
    assert scale.bins()[3] == "15 – 20"
    assert [scale.bin_of(number) for number in (0, 5, 49.9, 50, 70, -3)] == [0, 1, 9, 9, 9, 0]


def test_models_that_say_the_same_numbers_are_in_concordance() -> None:
    said = np.array([1.0, 2, 3, 4])
    assert lin_concordance(said, said) == 1
    assert lin_concordance(said, said[::-1]) < 0 < lin_concordance(said, said + 1) < 1


# Projects


def test_a_project_of_numbers_has_ends_and_no_labels(lead: User, project: Project) -> None:
    assert project.kind.answer.scale == NumberScale(17, 98, 1, 3, "years")
    assert project.label_names() == []
    with pytest.raises(InvalidRequest):
        projects.update_project(project, labels=[{"name": "old"}])
    for wrong in (
        {"number_high": 17},
        {"number_low": "nan"},
        {"number_step": 0},
        {"number_step": 90},
        {"number_near": 82},
        {"number_unit": "x" * 21},
    ):
        with pytest.raises(InvalidSetting):
            projects.update_project(project, settings=wrong)
    projects.update_project(project, settings={"number_high": 65}, labels=[])
    project.refresh_from_db()
    assert project.kind.answer.scale.high == 65
    assert project.kind.answer.unit == "years"


def test_pages_of_a_project_of_numbers(client: Client, lead: User, project: Project) -> None:
    bring(project, lead)
    client.force_login(lead)
    form = client.get(f"/projects/{project.pk}/settings/").content.decode()
    assert 'id="setting-number_low"' in form
    assert "data-rows" not in form
    User.objects.filter(pk=lead.pk).update(is_staff=True)
    new = client.get("/projects/create/").content.decode()
    assert 'value="record_numbers" data-numbers' in new
    assert "data-rows" in new
    found = client.get(f"/projects/{project.pk}/items/", {"least": "40", "most": "50"}).content.decode()
    assert "41 years" in found
    assert "98 years" not in found
    assert client.get(f"/api/v1/projects/{project.pk}/items/", {"least": "nan"}).status_code == 400


# In and out


def test_numbers_come_in_and_rows_without_one_that_fits_are_rejects(project: Project, lead: User) -> None:
    wrong = b"guard,5,12\nguard,6,old\nguard,7,NaN\nguard,8,inf\nguard,9,41.5\n"
    run = bring(project, lead, TABLE + wrong)
    assert (run.rows_added, run.rows_rejected) == (4, 5)
    assert list(run.rejects.order_by("row").values_list("row", flat=True)) == [5, 6, 7, 8, 9]
    reasons = list(run.rejects.order_by("row").values_list("reason", flat=True))
    assert "17" in reasons[0]
    assert "98" in reasons[0]
    assert len(set(reasons)) >= 3
    given = Annotation.objects.answers().order_by("item__position")
    assert [row.value for row in given] == [{"number": 41.0}, {"number": 17.0}, {"number": 98.0}]
    assert project.items.get(position=0).content == {"fields": {"job": "cook", "visits": "1"}}


def test_items_are_found_by_their_number(project: Project, lead: User) -> None:
    bring(project, lead)
    viewer = ItemVisibility.for_user(lead, project)
    assert [item.position for item in ItemFilter(least=17, most=41).items(viewer)] == [0, 1]
    assert [item.position for item in ItemFilter(least=41.5).items(viewer)] == [2]


def test_the_middle_answer_goes_out(project: Project, lead: User, annotator: User, reviewer: User) -> None:
    projects.update_project(project, settings={"overlap": 3})
    bring(project, lead)
    project.refresh_from_db()
    for user in (lead, annotator, reviewer):
        project.memberships.get_or_create(user=user)
    item = project.items.get(position=3)
    for user, number in ((lead, 40), (annotator, 98), (reviewer, 44)):
        proof = proof_of(project, user, item.pk)
        given = answering.Answer(uuid4(), item.pk, "label", {"number": number}, assignment=proof)
        answering.submit_answers(project, user, [given])
    table = Table(project, Filters(answers="gold"))
    row = next(row for row in table.read_records(table.read_columns()) if row["item"] == item.pk)
    assert (row["label"], row["annotator"], row["value"]) == ("44", reviewer.username, {"number": 44.0})
    assert row["agreement"] == pytest.approx((3 - (4 + 54 + 58) / 81) / 3, abs=1e-4)
    counted = answer_counts_report(project)
    assert sum(one["n"] for one in counted["overall"]) == 6
    assert len(counted["overall"]) == 10


def test_a_refused_number_says_why(client: Client, project: Project, lead: User) -> None:
    bring(project, lead)
    client.force_login(lead)
    item = project.items.get(position=3)
    body = {"uuid": str(uuid4()), "item": item.pk, "outcome": "label", "value": {"number": 99}}
    client.post(f"/api/v1/projects/{project.pk}/next/", {"n": 1}, content_type="application/json")
    reply = client.post(f"/api/v1/projects/{project.pk}/annotations/", body, content_type="application/json")
    assert "99 is not from 17 to 98." in reply.content.decode()


def test_what_was_exported_comes_back(project: Project, lead: User) -> None:
    bring(project, lead)
    table = Table(project, Filters(answers="gold"))
    rows = list(table.read_records(table.read_columns()))
    text = io.StringIO()
    text.write("job,visits,age\n")
    for row in rows:
        text.write(f"{row['job']}!,{row['visits']},{row['label']}\n")
    again = bring(project, lead, text.getvalue().encode())
    assert (again.rows_added, again.rows_rejected) == (3, 0)


def test_the_column_of_the_answer_is_guessed_but_not_among_what_an_export_added(project: Project, lead: User) -> None:
    def guessed(header: str) -> tuple[str | None, list[str]]:
        file = SimpleUploadedFile("a.csv", f"{header}\n{'1,' * header.count(',')}2\n".encode())
        mapping = importing.create_import(project, lead, file).mapping
        return mapping["label"], mapping["hidden"]

    assert guessed("rooms,place,price") == ("price", [])
    assert guessed("item,outcome,source,rooms,value,score") == (None, ["item", "outcome", "source", "value", "score"])
