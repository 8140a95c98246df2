"""Projects that find all items of one label: their settings, and reasons for exclusion beside answers, in and out."""

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.errors import InvalidSetting, InvalidValue
from annotation.exports import exporting
from annotation.imports import importing
from annotation.labels import label_changes
from annotation.labels.label_changes import ChangePlan
from annotation.models import Annotation, Event, Export, Item, LabelChange
from annotation.project_settings.groups import effective_settings
from annotation.projects.projects import create_project, update_project
from annotation.queue import answering, leasing
from annotation.queue.answering import Answer
from learner.loop_options import FINDING_STRATEGY

pytestmark = pytest.mark.django_db
TEXTS = "text_classification"
REASONS = ["wrong population", "no control group"]


@pytest.fixture
def search(project, lead):
    """The project of the cast, which now finds all spam."""
    return update_project(project, settings={"goal": "find_all", "label_to_find": "spam", "exclusion_reasons": REASONS})


def answer(project, user, label, reason="", outcome="label"):
    row = leasing.lease(project, user, 1)[0]
    given = Answer(uuid4(), row.item_id, outcome, {"labels": [label]}, exclusion_reason=reason)
    return answering.submit_answers(project, user, [given]).created[0]


def imported(project, text):
    run = importing.create_import(project, project.created_by, csv_file(text))
    importing.start_draft(run)
    importing.run_import(run.pk)
    run.refresh_from_db()
    return run


def exported(project, form="jsonl"):
    run = exporting.create_export(project, project.created_by, form, {"answers": "all"})
    exporting.run_export(run.pk)
    return Export.objects.get(pk=run.pk).file.read().decode()


# Settings


def test_the_goal_sets_everything_together():
    found = effective_settings({"goal": "find_all", "test_size": 50, "random_share": 0.5, "batch_size": 5}, TEXTS)
    assert {name: found[name] for name in ("strategy", "test_size", "test_share", "random_share", "batch_size")} == {
        "strategy": FINDING_STRATEGY,
        "test_size": 0,
        "test_share": 0.0,
        "random_share": 0.0,
        "batch_size": 5,
    }
    assert effective_settings({"goal": "find_all"}, TEXTS)["batch_size"] == 10


def test_back_at_the_first_goal_what_was_set_counts_again():
    stored = {"goal": "train_model", "test_size": 50, "topic": "win a prize"}
    found = effective_settings(stored, TEXTS)
    assert (found["test_size"], found["batch_size"], found["topic"]) == (50, 20, "")
    assert found == effective_settings({"test_size": 50}, TEXTS)


@pytest.mark.parametrize("task_type", ["spans", "text_multilabel", "record_numbers", "ratings", "preference", "boxes"])
def test_only_where_an_item_has_one_label_can_all_of_one_be_found(lead, task_type):
    with pytest.raises(InvalidSetting) as refused:
        create_project(lead, "Search", task_type, settings={"goal": "find_all"})
    assert refused.value.details == {"setting": "goal"}


def test_the_label_to_find_is_the_first_one_unless_another_is_named(lead):
    labels = [{"name": "relevant"}, {"name": "irrelevant"}]
    project = create_project(lead, "Search", TEXTS, labels, settings={"goal": "find_all"})
    assert project.label_to_find == "relevant"
    assert update_project(project, settings={"label_to_find": "irrelevant"}).label_to_find == "irrelevant"
    assert update_project(project, settings={"goal": "train_model"}).label_to_find is None
    assert update_project(project, settings={"goal": "find_all"}).label_to_find == "irrelevant"
    with pytest.raises(InvalidSetting):
        update_project(project, settings={"label_to_find": "nonsense"})


def test_reasons_are_a_list_of_texts_without_doubles(lead):
    project = create_project(lead, "Search", TEXTS, settings={"goal": "find_all", "exclusion_reasons": ["a ", "a", ""]})
    assert project.settings["exclusion_reasons"] == ["a"]
    for wrong in ("a", ["x" * 121], [1], [str(n) for n in range(51)]):
        with pytest.raises(InvalidSetting):
            update_project(project, settings={"exclusion_reasons": wrong})


def test_a_change_of_the_goal_is_in_the_audit_log(search):
    details = Event.objects.filter(project=search.pk).latest("pk").details
    assert details["settings.goal"] == [None, "find_all"]


# Reasons beside answers


def test_a_reason_stands_beside_the_answer_and_comes_back_with_the_own_answers(search, annotator, make_items, api_of):
    make_items(search, 3)
    row = answer(search, annotator, "ham", "wrong population")
    assert Annotation.objects.get(pk=row.pk).exclusion_reason == "wrong population"
    assert answer(search, annotator, "ham").exclusion_reason is None
    listed = api_of(annotator).get(f"/api/v1/projects/{search.pk}/annotations/mine/").json()
    assert [one["exclusion_reason"] for one in listed] == ["", "wrong population"]


@pytest.mark.parametrize(
    ("label", "reason"), [("ham", "nobody likes it"), ("spam", "wrong population")], ids=["not in the list", "included"]
)
def test_a_reason_that_says_nothing_is_refused(search, annotator, make_items, label, reason):
    make_items(search, 1)
    with pytest.raises(InvalidValue) as refused:
        answer(search, annotator, label, reason)
    assert refused.value.details["part"] == "exclusion_reason"
    assert not Annotation.objects.exists()


def test_another_project_takes_no_reasons_and_a_skip_has_none(project, search, annotator, make_items):
    make_items(search, 2)
    assert answer(search, annotator, "ham", "wrong population", outcome="skip").exclusion_reason is None
    plain = update_project(search, settings={"goal": "train_model"})
    with pytest.raises(InvalidValue):
        answer(plain, annotator, "ham", "wrong population")


def test_a_reason_stays_when_its_label_is_renamed(search, lead, annotator, make_items):
    make_items(search, 1)
    answer(search, annotator, "ham", "wrong population")
    change = label_changes.change_label(search, lead, ChangePlan(LabelChange.Kind.RENAME, "ham", ("out",)))
    label_changes.run_label_change(change.pk)
    row = Annotation.objects.answers().get()
    assert (row.value, row.exclusion_reason) == ({"labels": ["out"]}, "wrong population")


# Out and in again


def test_reasons_come_back_from_an_export(search, lead, annotator, make_items):
    make_items(search, 2)
    answer(search, annotator, "ham", "wrong population")
    answer(search, annotator, "spam")
    text = exported(search, "csv")
    rows = [json.loads(line) for line in exported(search).splitlines()]
    assert sorted((row["label"], row["exclusion_reason"]) for row in rows) == [("ham", REASONS[0]), ("spam", None)]
    other = create_project(lead, "Other", TEXTS, [{"name": "spam"}, {"name": "ham"}], settings={"goal": "find_all"})
    imported(other, text)
    found = Annotation.objects.filter(project=other).values_list("value", "exclusion_reason")
    assert sorted((value["labels"][0], reason) for value, reason in found) == [("ham", REASONS[0]), ("spam", None)]
    other.refresh_from_db()
    assert other.goal.exclusion_reasons == [REASONS[0]]
    assert "hidden.exclusion_reason" not in exported(other, "csv").splitlines()[0]


def test_other_projects_exports_have_no_column_of_reasons(project, annotator, make_items):
    make_items(project, 1)
    answer(project, annotator, "ham")
    assert "exclusion_reason" not in exported(project, "csv")


# Titles and abstracts


def test_a_title_and_an_abstract_are_one_text(search):
    text = "Title,Abstract,year\nCats,They purr.,2001\nDogs,,2002\n,Only an abstract.,2003\n,,2004\n"
    run = imported(search, text)
    assert (run.rows_added, run.rows_rejected) == (3, 1)
    assert [item.content["text"] for item in Item.objects.filter(project=search).order_by("position")] == [
        "Cats\n\nThey purr.",
        "Dogs",
        "Only an abstract.",
    ]
    assert Item.objects.filter(project=search).first().meta == {"year": "2001"}


def test_another_text_keeps_its_title_to_itself_unless_a_person_says_so(search):
    run = importing.create_import(search, search.created_by, csv_file("title,text\nCats,They purr.\n"))
    assert "title" not in run.mapping
    importing.start_draft(run, {"text": "text", "title": "title"})
    importing.run_import(run.pk)
    assert Item.objects.get(project=search).content == {"text": "Cats\n\nThey purr."}


def csv_file(text):
    return SimpleUploadedFile("rows.csv", text.encode())
