"""Projects and their labels, below the API: what is refused, what has defaults, what stays."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils.html import escape

from annotation.errors import Conflict, InvalidRequest, InvalidSetting
from annotation.labels.label_set import PALETTE, labels_in_use
from annotation.models import Annotation, Export, Item, Label, Membership, Project, User
from annotation.projects.projects import create_project, delete_project, item_counts_by_project, update_project
from annotation.queue import answering, leasing, undoing
from annotation.signals import labels_changed
from annotation.tasktypes import TASK_TYPES
from learner.loop_options import loop_options
from tests.annotation.answers import proof_of

pytestmark = pytest.mark.both_databases


def make(user: User, labels: list[Any], **more: Any) -> Project:
    rows = [{"name": label} if isinstance(label, str) else label for label in labels]
    return create_project(user, "Reviews", "text_classification", rows, **more)


def state(project: Project) -> list[tuple[str, str, bool]]:
    return [(label.name, label.key, label.retired_at is not None) for label in project.labels.all()]


def target_label(project: Project) -> str | None:
    return project.resolve_label(loop_options(project).target_label)


def answer(project: Project, user: User, item: Item, label: str) -> Annotation:
    proof = proof_of(project, user, item.pk)
    given = answering.Answer(uuid=uuid4(), item=item.pk, outcome="label", value={"labels": [label]}, assignment=proof)
    return answering.submit_answers(project, user, [given]).created[0]


def test_who_makes_a_project_leads_it(lead: User) -> None:
    project = make(lead, ["good", "bad"], settings={"overlap": 2})
    assert Membership.objects.get(project=project, user=lead).role == "lead"
    assert project.options.overlap == 2


def test_labels_get_the_next_free_digit_and_colour(lead: User) -> None:
    project = make(lead, ["a", {"name": "b", "key": "1", "color": "label-2"}, "c"])
    labels = list(project.labels.all())
    assert [label.key for label in labels] == ["2", "1", "3"]
    assert [label.color for label in labels] == ["label-1", "label-2", "label-3"]


def test_the_eleventh_label_has_no_key_and_the_ninth_colour_starts_again(lead: User) -> None:
    labels = list(make(lead, [f"l{n}" for n in range(12)]).labels.all())
    assert [label.key for label in labels[8:]] == ["9", "0", "", ""]
    assert {label.color for label in labels} == set(PALETTE)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["a", "a"], "“a”"),
        (["a", " a "], "“a”"),
        (["a", ""], "needs a name"),
        (["x" * 121], "120"),
        ([{"name": "a", "key": "1"}, {"name": "b", "key": "1"}], "same key"),
        ([{"name": "a", "key": "Q"}, {"name": "b", "key": "q"}], "same key"),
        ([{"name": "a", "key": "ab"}], "single character"),
        ([{"name": "a", "key": "F"}], "annotate screen"),
        ([{"name": "a", "color": "red"}], "colour"),
        ([{"name": "a", "color": "label-9"}], "colour"),
        ([{"name": "a", "color": "#12345g"}], "colour"),
        ([f"l{n}" for n in range(501)], "at most 500"),
    ],
)
def test_bad_labels_are_refused_and_nothing_is_made(lead: User, labels: list[Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as caught:
        make(lead, labels)
    assert caught.value.details["field"] == "labels"
    assert not Project.objects.exists()


def test_labels_can_be_left_to_an_upload_until_there_are_answers(
    lead: User, annotator: User, make_items: Callable[..., list[Item]]
) -> None:
    project = make(lead, [])
    assert project.label_names() == []
    project = update_project(update_project(project, labels=[{"name": "a"}]), labels=[])
    assert project.label_names() == []
    project = update_project(project, labels=[{"name": "a"}])
    Membership.objects.create(project=project, user=annotator, role="annotator")
    answer(project, annotator, make_items(project, 1)[0], "a")
    with pytest.raises(InvalidRequest, match="at least one label"):
        update_project(project, labels=[{"name": "a", "retired": True}])
    assert state(project) == [("a", "1", False)]


def test_labels_that_follow_a_rule_are_there_where_none_are_given(lead: User) -> None:
    project = create_project(lead, "Films", "preference", [])
    assert project.label_names() == ["left", "right", "same"]
    update_project(project, labels=[])
    assert project.label_names() == ["left", "right", "same"]


def test_bad_settings_and_task_types_are_refused(lead: User) -> None:
    with pytest.raises(InvalidSetting):
        make(lead, ["a"], settings={"overlap": 0})
    with pytest.raises(InvalidRequest, match="task type"):
        create_project(lead, "x", "telepathy", [{"name": "a"}])


def test_adding_renaming_and_removing_are_free_without_answers(project: Project) -> None:
    update_project(project, labels=[{"name": "spam", "key": "s"}, {"name": "fine"}])
    assert state(project) == [("spam", "s", False), ("fine", "1", False)]


def test_names_and_keys_can_be_exchanged(project: Project) -> None:
    update_project(project, labels=[{"name": "spam", "key": "1"}, {"name": "ham", "key": "2"}])
    assert state(project) == [("spam", "1", False), ("ham", "2", False)]


def test_a_label_with_answers_cannot_be_lost(
    project: Project, annotator: User, make_items: Callable[..., list[Item]]
) -> None:
    answer(project, annotator, make_items(project, 1)[0], "spam")
    with pytest.raises(Conflict, match="Retire") as caught:
        update_project(project, name="Half done", labels=[{"name": "ham"}, {"name": "junk"}])
    assert caught.value.details["labels"] == ["spam"]
    assert state(project) == [("ham", "1", False), ("spam", "2", False)]
    project.refresh_from_db()
    assert project.name == "SMS spam"  # all or nothing
    update_project(project, labels=[{"name": "spam"}, {"name": "offer"}])  # ham has no answers
    assert [name for name, _key, _retired in state(project)] == ["spam", "offer"]


def test_even_an_answer_taken_back_holds_its_label(
    project: Project, annotator: User, make_items: Callable[..., list[Item]]
) -> None:
    """A round of the past can be played again only while its labels are there."""
    row = answer(project, annotator, make_items(project, 1)[0], "spam")
    undoing.undo_answer(row, annotator)
    assert labels_in_use(project) == {"spam"}


def test_a_retired_label_keeps_its_answers_and_takes_no_new_ones(
    project: Project, annotator: User, make_items: Callable[..., list[Item]]
) -> None:
    first, second = make_items(project, 2)
    row = answer(project, annotator, first, "spam")
    update_project(project, labels=[{"name": "ham"}, {"name": "spam", "retired": True}])
    project.refresh_from_db()
    assert project.label_names() == ["ham"]
    assert Annotation.objects.get(pk=row.pk).value == {"labels": ["spam"]}
    with pytest.raises(Exception, match="not a label"):
        answer(Project.objects.get(pk=project.pk), annotator, second, "spam")
    # left out it stays retired; its key is free for another; named again it comes back
    update_project(project, labels=[{"name": "ham"}, {"name": "new", "key": "2"}])
    assert ("spam", "2", True) in state(project)
    update_project(project, labels=[{"name": "ham"}, {"name": "spam", "key": "3"}, {"name": "new"}])
    assert ("spam", "3", False) in state(project)


def test_settings_are_merged(project: Project) -> None:
    update_project(project, settings={"overlap": 3})
    project = update_project(project, settings={"lease_minutes": 5})
    assert (project.options.overlap, project.options.lease_minutes) == (3, 5)


def test_a_label_that_is_to_be_searched_for_must_be_one(lead: User, project: Project) -> None:
    with pytest.raises(InvalidSetting, match="“bad”"):
        make(lead, ["good"], settings={"relevant_label": "bad"})
    made = make(lead, ["good", "bad"], settings={"relevant_label": "bad"})
    assert made.resolve_label(loop_options(made).relevant_label) == "bad"
    for wrong in ("1", 3, 0, 1.5, True, ["ham"]):
        with pytest.raises(InvalidSetting):
            update_project(project, settings={"target_label": wrong})
    assert target_label(update_project(project, settings={"target_label": ""})) is None
    # together with the label that it names
    both = update_project(project, labels=[{"name": "ham"}, {"name": "new"}], settings={"target_label": "new"})
    assert target_label(both) == "new"


def test_a_place_among_the_labels_still_means_a_label(project: Project) -> None:
    assert target_label(update_project(project, settings={"target_label": 2.0})) == "spam"
    project.settings = {"target_label": 99}
    assert target_label(project) is None


def test_changed_labels_and_settings_are_announced_once_and_only_after_commit(
    project: Project, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    heard: list[int] = []

    def listen(project_id: int, **kwargs: Any) -> None:
        heard.append(project_id)

    labels_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            update_project(project, settings={"overlap": 2}, labels=[{"name": "ham"}])
            assert heard == []
        assert heard == [project.pk]
        with django_capture_on_commit_callbacks(execute=True):
            update_project(project, name="Only a name")
        assert heard == [project.pk]
    finally:
        labels_changed.disconnect(listen)


def test_counts_of_any_number_of_projects_take_two_queries(
    project: Project, lead: User, make_items: Callable[..., list[Item]], django_assert_num_queries: Callable[..., Any]
) -> None:
    make_items(project, ["a", "b", "c"], split="test", answers=1)
    make_items(project, ["d", "e"], answers=2)
    make_items(project, ["f", "g", "h", "i"])
    empty = make(lead, ["a"])
    with django_assert_num_queries(2):
        counts = item_counts_by_project([project, empty])
    assert counts[project.pk] == {"items": 9, "labelled": 5, "test": 3, "test_labelled": 3}
    assert counts[empty.pk] == {"items": 0, "labelled": 0, "test": 0, "test_labelled": 0}


def test_a_changed_label_set_costs_the_same_whatever_its_size(
    lead: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    project = make(lead, [f"l{n}" for n in range(50)])
    # Expect at most 8: savepoint and its release, the project, its row, the labels, those in use, delete, add, change
    with django_assert_max_num_queries(12):
        update_project(project, labels=[{"name": f"l{n}"} for n in range(25, 80)])
    assert project.labels.count() == 55


def test_deleting_takes_everything_with_it_and_nothing_else(
    project: Project,
    annotator: User,
    lead: User,
    make_items: Callable[..., list[Item]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    kept = make(lead, ["a"])
    make_items(kept, 1)
    first = make_items(project, 2)[0]
    leasing.lease(project, annotator, 1)
    undoing.undo_answer(answer(project, annotator, first, "ham"), annotator)  # supersedes: the rows protect each other
    run = Export.objects.create(project=project, format="csv", file=ContentFile(b"text,label", name="out.csv"))
    storage, name = run.file.storage, run.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_project(project)
    assert list(Project.objects.all()) == [kept]
    assert Item.objects.count() == 1
    assert not Annotation.objects.exists()
    assert not Label.objects.exclude(project=kept).exists()
    assert not storage.exists(name)


def test_every_task_type_has_a_picture_and_a_sentence(lead: User, client_of: Callable[..., Client]) -> None:
    lead.is_staff = True
    lead.save()
    page = client_of(lead).get("/projects/create/").content.decode()
    for name, kind in TASK_TYPES.items():
        assert (settings.BASE_DIR / "static/img/tasktypes" / f"{name}.svg").read_text().startswith("<svg")
        assert escape(kind.summary) in page
