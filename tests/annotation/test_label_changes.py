"""Labels change after labelling began: answers follow, nothing that was said is lost, and late ones are understood."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.errors import Conflict, InvalidRequest, InvalidValue, LabelGone
from annotation.labels import label_changes
from annotation.labels.label_changes import (
    ChangeEffects,
    ChangePlan,
    change_label,
    change_late_answers,
    check_change,
    preview_change,
)
from annotation.labels.renamed_labels import follow_renames, replaced_names
from annotation.models import Annotation, Assignment, Item, Label, LabelChange, Project, QueueEntry, User
from annotation.queue import answering, leasing, undoing
from learner.loop_options import loop_options
from tests.annotation.answers import proof_of

pytestmark = pytest.mark.both_databases


LIKELY = [{"label": "spam", "score": 0.6}, {"label": "ham", "score": 0.4}]


def target_label(project: Project) -> str | None:
    return project.resolve_label(loop_options(project).target_label)


def answer(project: Project, user: User, item: Item, *labels: str) -> Annotation:
    given = answering.Answer(
        uuid=uuid4(),
        item=item.pk,
        outcome="label",
        value={"labels": list(labels)},
        duration_seconds=3.0,
        assignment=proof_of(project, user, item.pk),
    )
    return answering.submit_answers(project, user, [given]).created[0]


def live(project: Project) -> dict[int, Any]:
    return dict(Annotation.objects.answers().filter(project=project).values_list("item_id", "value"))


def names(project: Project) -> list[tuple[str, str]]:
    return [(row.name, row.key) for row in Label.objects.filter(project=project)]


@pytest.fixture
def labelled(project: Project, annotator: User, make_items: Callable[..., list[Item]]) -> list[Item]:
    """Four items: ham, spam, spam in the test sample, and one without an answer."""
    items = make_items(project, 4)
    Item.objects.filter(pk=items[2].pk).update(split="test")
    project.settings = {"target_label": "spam"}
    project.save()
    suggested = {"suggestion": {"labels": ["spam"]}, "label_scores": LIKELY}
    for item in items:
        QueueEntry.objects.create(
            project=project, item=item, rank=item.position, reason="uncertain", round=1, **suggested
        )
    leasing.lease(project, annotator, 3)
    for item, label in zip(items, ("ham", "spam", "spam"), strict=False):
        answer(project, annotator, item, label)
    return items


def test_a_preview_counts_and_changes_nothing(project: Project, labelled: list[Item]) -> None:
    before = list(Annotation.objects.values())
    found = preview_change(project, ChangePlan("rename", "spam", ("junk",)))
    assert found == ChangeEffects(answers=2, items=2, test=1, suggestions=4, settings=["target_label"])
    assert list(Annotation.objects.values()) == before
    assert names(project) == [("ham", "1"), ("spam", "2")]


def test_a_renamed_label_keeps_who_said_what_when_and_why(
    project: Project, annotator: User, lead: User, labelled: list[Item]
) -> None:
    old = Annotation.objects.get(item=labelled[1])
    made = change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    assert (made.status, made.answers_done) == ("done", 2)
    assert names(project) == [("ham", "1"), ("junk", "2")]
    assert live(project) == {
        labelled[0].pk: {"labels": ["ham"]},
        labelled[1].pk: {"labels": ["junk"]},
        labelled[2].pk: {"labels": ["junk"]},
    }
    new = Annotation.objects.get(item=labelled[1], live=True)
    assert (new.supersedes, new.change, new.user) == (old, made, annotator)
    assert (new.created_at, new.duration_seconds, new.reason, new.round) == (old.created_at, 3.0, "uncertain", 1)
    assert new.suggestion == {"labels": ["junk"]}
    assert new.suggestion_changed is False
    old.refresh_from_db()
    assert (old.live, old.value) == (False, {"labels": ["spam"]})
    assert Item.objects.get(pk=labelled[1].pk).answers == 1
    assert set(QueueEntry.objects.values_list("suggestion__labels__0", flat=True)) == {"junk"}
    likely = [{"label": "junk", "score": 0.6}, LIKELY[1]]
    assert new.label_scores == likely
    assert all(row.label_scores == likely for row in QueueEntry.objects.all())
    assert target_label(Project.objects.get(pk=project.pk)) == "junk"


def test_a_merged_label_goes_and_its_answers_say_the_other(project: Project, lead: User, labelled: list[Item]) -> None:
    change_label(project, lead, ChangePlan("merge", "spam", ("ham",)))
    assert names(project) == [("ham", "1")]
    assert {value["labels"][0] for value in live(project).values()} == {"ham"}
    assert all(row.label_scores == [{"label": "ham", "score": 0.6}] for row in QueueEntry.objects.all())
    assert Annotation.objects.filter(value={"labels": ["spam"]}).count() == 2


def test_a_split_label_is_asked_about_again(
    project: Project, annotator: User, lead: User, labelled: list[Item]
) -> None:
    change_label(project, lead, ChangePlan("split", "spam", ("advert", "fraud")))
    assert names(project) == [("ham", "1"), ("advert", "2"), ("fraud", "3")]
    assert set(live(project)) == {labelled[0].pk}
    assert [item.answers for item in Item.objects.filter(project=project)] == [1, 0, 0, 0]
    assert all((row.suggestion, row.label_scores) == (None, LIKELY[1:]) for row in QueueEntry.objects.all())
    # what was answered has its place in the queue again, for the same person, and is answered anew
    held = {row.item_id for row in leasing.lease(project, annotator, 10)}
    assert held == {item.pk for item in labelled[1:]}
    answer(project, annotator, labelled[1], "fraud")
    assert live(project)[labelled[1].pk] == {"labels": ["fraud"]}
    assert target_label(Project.objects.get(pk=project.pk)) is None


def test_a_late_answer_with_the_old_name_is_taken_as_the_new_one(
    project: Project, annotator: User, lead: User, labelled: list[Item]
) -> None:
    change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    change_label(project, lead, ChangePlan("rename", "junk", ("rubbish",)))
    answer(project, annotator, labelled[3], "spam")
    assert live(project)[labelled[3].pk] == {"labels": ["rubbish"]}
    with pytest.raises(InvalidValue, match="not a label"):
        answer(project, annotator, labelled[3], "never")


def test_a_late_answer_with_a_split_label_is_refused_and_says_what_to_do(
    project: Project, annotator: User, lead: User, labelled: list[Item]
) -> None:
    change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    change_label(project, lead, ChangePlan("split", "junk", ("advert", "fraud")))
    with pytest.raises(LabelGone, match="advert, fraud") as caught:
        answer(project, annotator, labelled[3], "spam")
    assert caught.value.details["into"] == ["advert", "fraud"]
    assert caught.value.details["item"] == labelled[3].pk  # with which the browser puts it aside
    for value in ({"labels": 5}, {"label": ["spam"]}, ["spam"], {"labels": [["spam"]]}, {"labels": ["spam", "never"]}):
        given = answering.Answer(uuid=uuid4(), item=labelled[3].pk, outcome="label", value=value)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue) as refused:
            answering.submit_answers(project, annotator, [given])
        assert refused.value.code == "invalid_value"
    answer(project, annotator, labelled[3], "advert")


def test_an_answer_checked_before_and_stored_after_is_changed_by_the_sweep(
    project: Project, annotator: User, lead: User, labelled: list[Item]
) -> None:
    change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    Annotation.objects.create(
        project=project, item=labelled[3], user=annotator, outcome="label", value={"labels": ["spam"]}, reason="random"
    )
    change_late_answers()
    assert live(project)[labelled[3].pk] == {"labels": ["junk"]}
    count = Annotation.objects.count()
    change_late_answers()
    assert Annotation.objects.count() == count


def test_many_answers_are_changed_by_a_worker_and_once(
    project: Project, annotator: User, lead: User, labelled: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_changes, "MAX_ANSWERS_AT_ONCE", 1)
    monkeypatch.setattr(label_changes, "CHUNK_ANSWERS", 1)
    made = change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    assert (made.status, Annotation.objects.filter(change=made).count()) == ("queued", 0)
    answer(project, annotator, labelled[3], "spam")  # the name is understood from now on
    stop = iter([False, True])

    def dies(row: LabelChange, rows: Any) -> int:
        if next(stop):
            raise KeyboardInterrupt
        return some(row, rows)

    some = label_changes._replace_answers
    monkeypatch.setattr(label_changes, "_replace_answers", dies)
    with pytest.raises(KeyboardInterrupt):
        label_changes.run_label_change(made.pk)
    monkeypatch.setattr(label_changes, "_replace_answers", some)
    LabelChange.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    label_changes.run_label_change(made.pk)
    label_changes.run_label_change(made.pk)
    made.refresh_from_db()
    assert (made.status, made.answers_done) == ("done", 2)
    assert sorted(value["labels"][0] for value in live(project).values()) == ["ham", "junk", "junk", "junk"]


def test_one_may_take_back_ones_answer_under_its_new_name(
    project: Project, annotator: User, lead: User, labelled: list[Item]
) -> None:
    old = Annotation.objects.get(item=labelled[1])
    change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    for _twice in range(2):
        held = undoing.undo_answer(old, annotator)
        assert held is not None
        assert not held.answered
    assert labelled[1].pk not in live(project)
    assert Item.objects.get(pk=labelled[1].pk).answers == 0
    assert Assignment.objects.get(item=labelled[1]).answered is False


def test_labels_of_an_answer_with_several_become_one(
    lead: User, annotator: User, project: Project, make_items: Callable[..., list[Item]]
) -> None:
    Project.objects.filter(pk=project.pk).update(task_type="text_multilabel")
    project.refresh_from_db()
    first, second = make_items(project, 2)
    answer(project, annotator, first, "spam", "ham")
    answer(project, annotator, second)
    change_label(project, lead, ChangePlan("merge", "spam", ("ham",)))
    assert live(project) == {first.pk: {"labels": ["ham"]}, second.pk: {"labels": []}}


@pytest.mark.parametrize(
    ("kind", "label", "into", "error"),
    [
        ("rename", "never", ["x"], InvalidRequest),
        ("rename", "spam", ["ham"], Conflict),
        ("rename", "spam", ["spam"], InvalidRequest),
        ("rename", "spam", ["a", "b"], InvalidRequest),
        ("rename", "spam", [" "], InvalidRequest),
        ("merge", "spam", ["never"], InvalidRequest),
        ("split", "spam", ["a", "a"], InvalidRequest),
        ("split", "spam", ["spam", "a"], InvalidRequest),
        ("split", "spam", [], InvalidRequest),
    ],
)
def test_what_makes_no_sense_is_refused(
    project: Project, kind: str, label: str, into: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_change(project, kind, label, into)


def test_names_are_followed_through_many_changes() -> None:
    steps = [("a", "b"), ("b", "c"), ("x", "a"), ("c", "x")]
    changes = [LabelChange(kind="rename", label=old, into=[new]) for old, new in steps]
    assert follow_renames(changes) == {"a": "x", "b": "x", "c": "x", "x": "a"}


def test_a_name_that_is_a_label_again_means_that_label(project: Project, lead: User, labelled: list[Item]) -> None:
    change_label(project, lead, ChangePlan("rename", "spam", ("junk",)))
    assert replaced_names(project) == {"spam": "junk"}
    Label.objects.create(project=project, name="spam", order=9)
    assert replaced_names(project) == {}


def test_the_api_looks_before_it_changes(
    project: Project,
    lead: User,
    labelled: list[Item],
    api_of: Callable[..., APIClient],
    client_of: Callable[..., Client],
) -> None:
    api, path = api_of(lead), f"/api/v1/projects/{project.pk}/labels/changes/"
    plan = {"kind": "rename", "label": "spam", "into": ["junk"]}
    shown = api.post(path, {**plan, "preview": True}, format="json")
    assert (shown.status_code, shown.data["answers"]) == (200, 2)
    assert api.get(path).data == []
    done = api.post(path, plan, format="json")
    assert (done.status_code, done.data["status"], done.data["answers_done"]) == (201, "done", 2)
    assert [row["label"] for row in api.get(path).data] == ["spam"]
    again = api.post(path, plan, format="json")
    assert (again.status_code, again.data["error"]["code"]) == (400, "invalid_request")
    history = api.get(f"/api/v1/projects/{project.pk}/items/{labelled[1].pk}/").data["annotations"]
    assert [(row["value"], row["live"], row["change"]) for row in history] == [
        ({"labels": ["junk"]}, True, done.data["id"]),
        ({"labels": ["spam"]}, False, None),
    ]
    assert "no longer stands" in client_of(lead).get(f"/projects/{project.pk}/items/{labelled[1].pk}/").content.decode()
