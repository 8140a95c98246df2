"""Each figure beside the test sample's comes with its n, or with the reason why it is not shown."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from annotation.models import Annotation, Item, Project, Reason, User
from annotation.queue import answering, leasing
from learner.models import Round, Trigger
from learner.reports.progress import progress_document
from learner.rounds import chosen_labels, claiming, running
from tests.learner.conftest import truth
from tests.learner.factories import add_round, answer, freeze

MakeItems = Callable[..., list[Item]]
POOL = 34_000  # so many that each draw of an even one is almost as likely as the first
HAM = {"labels": ["ham"]}


def reliability_report(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = progress_document(Project.objects.get(pk=project.pk))["trust"]
    return found


@pytest.fixture
def tested(project: Project, make_items: MakeItems, annotator: User) -> list[Item]:
    """400 items, 60 of them test items answered half ham, half spam."""
    items = make_items(project, 400)
    answer(freeze(items, 60), annotator, ["ham", "spam"] * 30, reason=Reason.TEST)
    return items


def draw(items: list[Item], user: User, labels: list[str], **fields: Any) -> None:
    """Answer items for which round 1 had suggested ham."""
    defaults = {"round": 1, "suggestion": HAM, "probability": 1 / POOL, "reason": Reason.UNCERTAIN}
    answer(items, user, labels, **{**defaults, **fields})


def test_an_empty_project_has_reasons_for_everything(project: Project) -> None:
    found = reliability_report(project)
    assert found["random_arm"]["accuracy"] is found["weighted"]["accuracy"] is None
    assert found["calibration"]["bins"] == []
    for part in ("random_arm", "weighted", "calibration", "equal_labels", "labels_saved"):
        assert found[part]["reason"]
    assert found["biased"]["before_training_reason"]
    assert found["biased"]["out_of_fold_reason"]


def test_evenly_drawn_answers_weigh_evenly(tested: list[Item], project: Project, annotator: User) -> None:
    draw(tested[60:180], annotator, ["ham"] * 90 + ["spam"] * 30)
    draw(tested[180:220], annotator, ["ham"] * 36 + ["spam"] * 4, reason=Reason.RANDOM, suggestion_shown=True)
    add_round(project, dict.fromkeys(range(60), "ham"), metrics={"classes": ["ham"], "pool": POOL})
    found = reliability_report(project)
    weighted, plain = found["weighted"], found["biased"]["before_training"]
    assert weighted["reason"] == ""
    assert weighted["accuracy"]["value"] == pytest.approx(0.75, abs=0.002)
    assert weighted["accuracy"]["n"] == weighted["n"] == plain["n"] == 120
    assert weighted["effective"] > 100
    assert weighted["reach"] == pytest.approx(1, abs=0.02)
    assert plain["value"] == 0.75
    assert (found["random_arm"]["accuracy"]["value"], found["random_arm"]["accuracy"]["n"]) == (0.9, 40)
    assert found["suggestions_seen"] == 40
    assert (found["from_round"], found["to_round"]) == (1, 1)


@pytest.mark.parametrize(("chance", "why"), [(0.05, "so sharp"), (1 / (3 * POOL), "weigh too much"), (None, "known")])
def test_a_sharp_or_unknown_draw_is_not_weighted(
    chance: float | None, why: str, tested: list[Item], project: Project, annotator: User
) -> None:
    draw(tested[60:180], annotator, ["ham"] * 120, probability=chance)
    add_round(project, dict.fromkeys(range(60), "ham"), metrics={"classes": ["ham"], "pool": POOL})
    found = reliability_report(project)["weighted"]
    assert found["accuracy"] is None
    assert why in found["reason"]


def test_a_round_of_which_a_grid_took_items_is_not_weighted(
    tested: list[Item], project: Project, annotator: User
) -> None:
    draw(tested[60:180], annotator, ["ham"] * 120)
    draw(tested[180:300], annotator, ["spam"] * 120, round=2)
    draw(tested[300:301], annotator, ["spam"], round=2, probability=None)
    for _ in range(2):
        add_round(project, dict.fromkeys(range(60), "ham"), metrics={"classes": ["ham"], "pool": POOL})
    found = reliability_report(project)
    assert found["weighted"]["n"] == 120
    assert found["weighted"]["accuracy"]["value"] == 1
    assert found["biased"]["before_training"]["n"] == 241


def test_few_answers_have_no_share(tested: list[Item], project: Project, annotator: User) -> None:
    draw(tested[60:70], annotator, ["ham"] * 10)
    add_round(project, dict.fromkeys(range(60), "ham"), metrics={"classes": ["ham"], "pool": POOL})
    found = reliability_report(project)
    assert found["biased"]["before_training"] is None
    assert found["biased"]["before_training_reason"] == "10 answers so far; it is shown from 30 on."
    assert found["weighted"]["accuracy"] is None


def test_people_who_disagree_say_nothing(tested: list[Item], project: Project, annotator: User, lead: User) -> None:
    draw(tested[60:100], annotator, ["ham"] * 40)
    answer(tested[60:65], lead, ["spam"] * 5, reason=Reason.OVERLAP)
    assert reliability_report(project)["biased"]["before_training"]["n"] == 35


def test_calibration_of_the_newest_model(tested: list[Item], project: Project) -> None:
    scores = {str(position): 0.6 if position < 30 else 0.9 for position in range(60)}
    add_round(project, dict.fromkeys(range(60), "ham"), test_scores=scores)
    found = reliability_report(project)["calibration"]
    assert (found["n"], found["round"], found["reason"]) == (60, 1, "")
    assert sum(one["right"]["n"] for one in found["bins"]) == 60
    assert found["error"] == pytest.approx(0.25, abs=0.05)  # right in half, sure to 60 and 90 %
    assert found["error"] > found["by_chance_high"] > found["by_chance"]
    Round.objects.update(test_scores={})
    assert reliability_report(project)["calibration"]["reason"].startswith("0 answers so far")


def said(right: int) -> dict[str, str]:
    """Return predictions of the 60 test items of which that many are right."""
    flip = {"ham": "spam", "spam": "ham"}
    names = ["ham", "spam"] * 30
    return {str(n): name if n < right else flip[name] for n, name in enumerate(names)}


def grow(project: Project, active: list[int], arm: list[int]) -> None:
    """Add rounds of 20 labels each, 2 of them of the random arm, with so many test items right."""
    for n, (ours, theirs) in enumerate(zip(active, arm, strict=True), start=1):
        row = add_round(project, labels=20 * n, metrics={"classes": ["ham", "spam"]})
        row.test_predictions, row.control_predictions, row.control_labels = said(ours), said(theirs), 2 * n
        row.save()


def test_the_arms_at_equal_labels(tested: list[Item], project: Project) -> None:
    grow(project, [40] + [50] * 9, [30, 31, 32, 33, 34, 35, 36, 37, 38, 30])
    found = reliability_report(project)["equal_labels"]
    assert (found["active"]["labels"], found["random"]["labels"]) == (20, 20)
    assert found["difference"]["value"] == pytest.approx(10 / 60)
    assert found["difference"]["n"] == 60
    assert 0 < found["difference"]["low"] < 10 / 60 < found["difference"]["high"]


def test_labels_saved(tested: list[Item], project: Project) -> None:
    assert "no model" in reliability_report(project)["labels_saved"]["reason"].lower()
    grow(project, [41] * 3, [30, 36, 40])
    assert "there are 3" in reliability_report(project)["labels_saved"]["reason"]


def test_labels_saved_by_the_curve_of_the_random_arm(tested: list[Item], project: Project) -> None:
    grow(project, [44] * 10, [24, 30, 34, 37, 39, 40, 41, 42, 42, 43])
    found = reliability_report(project)["labels_saved"]
    assert found["labels"] == 200
    assert found["n"] == 60
    assert found["reason"] == ""
    assert found["random_labels"]["value"] == pytest.approx(22, abs=6)
    assert found["saved"]["value"] == found["random_labels"]["value"] - 200  # none: 20 random labels do as well


def test_a_score_out_of_sight_saves_nobody_knows_how_much(tested: list[Item], project: Project) -> None:
    grow(project, [60] * 10, [24, 30, 34, 37, 39, 40, 41, 42, 42, 43])
    found = reliability_report(project)["labels_saved"]
    assert found["random_labels"]["value"] is None
    assert found["reason"].startswith("Not yet known: the random arm would need more than 80 labels")


def test_a_random_strategy_has_nothing_to_compare(tested: list[Item], project: Project) -> None:
    grow(project, [40] * 6, [24, 30, 34, 37, 39, 40])
    Project.objects.filter(pk=project.pk).update(settings={"strategy": "random"})
    found = reliability_report(project)
    assert found["equal_labels"]["reason"] == found["labels_saved"]["reason"]
    assert "nothing has to be weighted" in found["weighted"]["reason"]


# Through the loop


def test_rounds_note_what_the_figures_need(
    project: Project, messages: list[Item], annotator: User, label: Callable[[Project, User, int], int]
) -> None:
    for _ in range(3):
        current = claiming.claim_round(project.pk, Trigger.REQUESTED)
        assert current is not None
        assert running.execute_round(current)
        label(project, annotator, 25)
    chosen_labels.add_out_of_fold_accuracy(project.pk)
    last = Round.objects.get(number=3)
    assert last.test_scores.keys() == last.test_predictions.keys()
    assert all(0.5 <= score <= 1 for score in last.test_scores.values())
    answered = Annotation.objects.filter(project=project, pk__lte=last.answers_upto).count()
    assert 0 < last.metrics["pool"] <= 120 - answered
    assert 0 < last.metrics["out_of_fold"]["n"] <= last.labels
    assert reliability_report(project)["from_round"] is not None


def test_an_answer_is_judged_by_the_model_that_asked(
    project: Project, messages: list[Item], annotator: User, label: Callable[[Project, User, int], int]
) -> None:
    for _ in range(2):
        current = claiming.claim_round(project.pk, Trigger.REQUESTED)
        assert current is not None
        assert running.execute_round(current)
        label(project, annotator, 40)
    rows = leasing.lease(project, annotator, 1)
    assert rows
    answer_ = answering.Answer(uuid4(), rows[0].item_id, "label", {"labels": [truth(rows[0].item)]})
    answering.submit_answers(project, annotator, [answer_])
    judged = Annotation.objects.filter(project=project, reason=Reason.UNCERTAIN, suggestion__isnull=False)
    assert judged.exists()
    for row in judged:
        assert row.round is not None
        seen = Round.objects.get(number=row.round).answers_upto
        assert row.pk > seen  # no model of that round knew the answer
