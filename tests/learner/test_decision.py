"""Where to say yes, in the progress document: for two classes, from what a round keeps."""

from collections.abc import Callable

import pytest

from annotation.models import Item, Project, User
from learner.engine.evaluation.precision_recall import MIN_ANSWERS_PER_CLASS
from learner.models import Round
from learner.reports.progress import progress_document
from tests.learner.factories import add_round, answer, freeze

MakeItems = Callable[..., list[Item]]
RARE = 8


@pytest.fixture
def tested(project: Project, make_items: MakeItems, annotator: User) -> list[Item]:
    """40 answered test items, of which the first eight are spam."""
    items = freeze(make_items(project, 60), 40)
    answer(items, annotator, ["spam"] * RARE + ["ham"] * (40 - RARE), reason="test")
    return items


def model(project: Project, proba: dict[int, float], **fields: object) -> Round:
    """A round that finds each position spam with that probability."""
    said = {position: "spam" if p > 0.5 else "ham" for position, p in proba.items()}
    scores = {str(position): max(p, 1 - p) for position, p in proba.items()}
    return add_round(project, said, test_scores=scores, **{"metrics": {"classes": ["ham", "spam"]}, **fields})


def test_the_probability_of_the_rarer_class_is_found_again(tested: list[Item], project: Project) -> None:
    model(project, {n: 0.85 - 0.1 * n if n < RARE else 0.25 - 0.001 * n for n in range(40)})
    found = progress_document(project)["decision"]
    assert (found["label"], found["n"], found["positives"], found["share"]) == ("spam", 40, 8, 0.2)
    # spam has .85 to .15, ham .242 and less: the first seven stand above all of it
    assert found["best"]["threshold"] == pytest.approx((0.25 + 0.242) / 2)
    assert (found["best"]["precision"]["value"], found["best"]["recall"]["value"]) == (1, 7 / 8)
    assert (found["now"]["threshold"], found["now"]["recall"]["value"]) == (0.5, 4 / 8)
    assert found["average_precision"]["value"] == pytest.approx(0.9)
    assert found["average_precision"]["low"] < found["average_precision"]["value"]
    assert (found["reason"], found["round"]) == ("", 1)


def test_too_few_of_the_rarer_class_have_a_reason(project: Project, make_items: MakeItems, annotator: User) -> None:
    items = freeze(make_items(project, 60), 40)
    answer(
        items, annotator, ["spam"] * (MIN_ANSWERS_PER_CLASS - 1) + ["ham"] * (41 - MIN_ANSWERS_PER_CLASS), reason="test"
    )
    model(project, {n: n / 40 for n in range(40)})
    found = progress_document(project)["decision"]
    assert found["average_precision"] is None
    assert found["steps"] == []
    assert found["reason"].startswith("Too few to tell: of 40 test answers 4 are “spam”")


@pytest.mark.parametrize("classes", [["ham"], ["ham", "other", "spam"]])
def test_it_is_for_two_classes_only(tested: list[Item], project: Project, classes: list[str]) -> None:
    model(project, {n: n / 40 for n in range(40)}, metrics={"classes": classes})
    assert progress_document(project)["decision"] is None


def test_answers_of_a_third_class_make_it_silent(tested: list[Item], project: Project) -> None:
    model(project, {n: n / 40 for n in range(40)}, metrics={"classes": ["ham", "eggs"]})
    assert progress_document(project)["decision"] is None


def test_answers_of_several_labels_have_no_threshold(tested: list[Item], project: Project) -> None:
    project.task_type = "text_multilabel"
    project.save()
    model(project, {n: n / 40 for n in range(40)})
    Round.objects.update(test_predictions={str(n): '["ham"]' for n in range(40)})
    assert progress_document(project)["decision"] is None


def test_nothing_before_there_are_test_answers(project: Project) -> None:
    assert progress_document(project)["decision"] is None
