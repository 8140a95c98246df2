"""Names and keys of labels: what looks equal is asked about, what cannot be seen refused; keys of the task are free."""

from typing import Any

import pytest

from annotation.errors import Conflict, InvalidRequest, InvalidValue, SimilarLabels
from annotation.labels import label_changes
from annotation.labels.label_set import default_keys
from annotation.models import Label, Project, User
from annotation.projects.projects import create_project, update_project
from annotation.tasktypes import TASK_TYPES, AnswerContext
from annotation.tasktypes.answers import Boxes, LabelSet, SingleLabel, Spans

pytestmark = pytest.mark.django_db

COMPOSED, DECOMPOSED = "café", "cafe\u0301"
LABELLED = sorted(name for name, kind in TASK_TYPES.items() if kind.answer.has_labels and not kind.built_in_labels)


def names(project: Project) -> list[str]:
    return list(project.labels.values_list("name", flat=True))


def make(lead: User, *labels: str, **more: Any) -> Project:
    return create_project(lead, "Reviews", "text_classification", [{"name": name} for name in labels], **more)


# Names


def test_a_name_is_stored_composed_and_with_plain_spaces(lead) -> None:
    assert names(make(lead, DECOMPOSED, "a\u00a0\u2009 b")) == [COMPOSED, "a b"]


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("sp\u200bam", "U+200B ZERO WIDTH SPACE"),
        ("\u202espam", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("sp\nam", "U+000A LINE FEED"),
        ("sp\tam", "U+0009 TAB"),
        ("sp\u00adam", "U+00AD SOFT HYPHEN"),
        ("sp\u200dam", "U+200D ZERO WIDTH JOINER"),
        ("\u3164", "U+3164 HANGUL FILLER"),
    ],
)
def test_what_cannot_be_seen_is_refused_and_named(lead, name, character) -> None:
    with pytest.raises(InvalidRequest, match=character.replace("+", r"\+")):
        make(lead, "ham", name)


@pytest.mark.parametrize("name", ["می‌خواهم", "👩‍🚀", "❤️", "क्‍ष", "1️⃣", "über", "日本語 ラベル"])
def test_names_that_need_joiners_are_taken(lead, name) -> None:
    assert names(make(lead, name, "other"))[0] == name


@pytest.mark.parametrize(("one", "two"), [("spam", "Spam"), ("straße", "STRASSE"), ("spam", "ｓｐａｍ"), ("❤", "❤️")])
def test_names_that_look_alike_are_asked_about(lead, one, two) -> None:
    with pytest.raises(SimilarLabels) as asked:
        make(lead, one, two)
    assert asked.value.details["label"] == two
    assert asked.value.details["other"] == one
    assert names(make(lead, one, two, allow_similar_labels=True)) == [one, two]


def test_composed_and_decomposed_are_one_name(lead) -> None:
    with pytest.raises(InvalidRequest, match="Two labels have the name"):
        make(lead, COMPOSED, DECOMPOSED)


def test_labels_that_stand_beside_each_other_are_not_asked_about_again(lead) -> None:
    project = make(lead, "spam", "Spam", allow_similar_labels=True)
    project = update_project(project, labels=[{"name": "Spam"}, {"name": "spam"}, {"name": "ham"}])
    assert names(project) == ["Spam", "spam", "ham"]
    with pytest.raises(SimilarLabels):
        update_project(project, labels=[{"name": "Spam"}, {"name": "spam"}, {"name": "SPAM"}])


def test_a_label_that_goes_is_no_reason_to_ask(lead) -> None:
    assert names(update_project(make(lead, "Spam", "ham"), labels=[{"name": "spam"}, {"name": "ham"}])) == [
        "spam",
        "ham",
    ]


def test_a_name_from_before_the_rules_stays(lead) -> None:
    project = make(lead, "ham")
    Label.objects.create(project=project, name="old\u200b", order=1, key="2")
    assert names(update_project(project, labels=[{"name": "ham"}, {"name": "old\u200b"}])) == ["ham", "old\u200b"]


def test_a_change_of_a_label_keeps_to_the_same_rules(lead) -> None:
    project = make(lead, "spam", "ham")
    with pytest.raises(InvalidRequest, match="nobody can see"):
        label_changes.check_change(project, "rename", "ham", ["h\u200bam"])
    with pytest.raises(SimilarLabels):
        label_changes.check_change(project, "rename", "ham", ["Spam"])
    label_changes.change_label(
        project, lead, label_changes.check_change(project, "rename", "spam", ["Spam"])
    )  # the old name goes
    label_changes.change_label(
        project, lead, label_changes.check_change(project, "split", "ham", ["SPAM"], allow_similar=True)
    )
    assert names(project) == ["Spam", "SPAM"]


def test_the_api_asks_and_takes_the_answer(lead, project, client_of) -> None:
    client = client_of(lead)
    body = {"labels": [{"name": "ham"}, {"name": "spam"}, {"name": "Ham"}]}
    url = f"/api/v1/projects/{project.pk}/"
    response = client.patch(url, body, content_type="application/json")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "similar_labels"
    body["allow_similar_labels"] = True
    assert client.patch(url, body, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (SingleLabel(), {"labels": [DECOMPOSED]}),
        (LabelSet(), {"labels": [DECOMPOSED]}),
        (Spans(), {"spans": [{"start": 0, "end": 2, "label": DECOMPOSED}]}),
        (Boxes(), {"boxes": [{"x": 0, "y": 0, "w": 2, "h": 2, "label": DECOMPOSED}]}),
    ],
)
def test_an_answer_may_have_the_name_decomposed(kind, value) -> None:
    context = AnswerContext([COMPOSED], {"text": "a text", "width": 9, "height": 9}, {})
    assert COMPOSED in str(kind.clean(value, context))
    with pytest.raises(InvalidValue):
        kind.clean(value, AnswerContext(["other"], context.content, {}))


# Keys


@pytest.mark.parametrize("task_type", LABELLED)
def test_keys_of_the_screen_are_refused_with_what_they_do(lead, task_type) -> None:
    reserved = TASK_TYPES[task_type].reserved_keys
    assert {"f", "h", "a", "x", "?", "/"} <= set(reserved)
    for key, does in reserved.items():
        with pytest.raises(InvalidRequest) as refused:
            create_project(lead, "x", task_type, [{"name": "one", "key": key}, {"name": "two"}])
        assert does in str(refused.value)
        assert refused.value.details == {"field": "labels", "label": "one"}


@pytest.mark.parametrize(
    ("task_type", "keys"), [("boxes", "nl0+-="), ("image_classification", "g+-="), ("preference", "0")]
)
def test_each_task_type_has_keys_of_its_own(task_type, keys) -> None:
    assert set(keys) <= set(TASK_TYPES[task_type].reserved_keys)


def test_keys_that_only_another_task_type_needs_are_free(lead) -> None:
    project = create_project(
        lead, "x", "text_classification", [{"name": "one", "key": "n"}, {"name": "two", "key": "g"}]
    )
    assert [label.key for label in project.labels.all()] == ["n", "g"]


@pytest.mark.parametrize("task_type", LABELLED)
def test_labels_without_a_key_never_get_one_that_is_needed(lead, task_type) -> None:
    project = create_project(lead, "x", task_type, [{"name": f"label {n}"} for n in range(12)])
    keys = "".join(label.key for label in project.labels.all())
    assert keys == default_keys(project.kind)
    assert not set(keys) & set(project.kind.reserved_keys)


def test_a_retired_label_comes_back_without_a_key_that_is_needed(lead) -> None:
    project = create_project(lead, "x", "boxes", [{"name": "one"}, {"name": "two"}])
    Label.objects.filter(project=project, name="two").update(key="n", retired_at="2026-01-01T00:00Z")
    with pytest.raises(InvalidRequest, match="makes a new box"):
        update_project(project, labels=[{"name": "one"}, {"name": "two", "retired": False}])
    with pytest.raises(Conflict):
        create_project(lead, "x", "boxes", [{"name": "One"}, {"name": "one"}])
