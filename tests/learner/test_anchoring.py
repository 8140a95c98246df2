"""Agreement with suggestions that are seen against those that are withheld."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from annotation.models import Annotation, Item, Project, User
from annotation.queue.suggestion_policy import SuggestionPolicy
from learner.engine.statistics.estimates import accuracy_estimate, difference_of_proportions
from learner.reports.suggestion_bias import anchoring_report
from tests.learner.factories import answer

MakeItems = Callable[..., list[Item]]
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HAM = {"labels": ["ham"]}


@pytest.fixture
def withholding(project: Project) -> Project:
    project.settings = {"suggestion": "shown", "withhold_share": 0.5}
    project.save()
    return project


def test_nothing_is_said_where_nothing_is_withheld(project: Project) -> None:
    assert anchoring_report(project) is None


def test_agreement_where_it_is_seen_and_where_not(withholding: Project, make_items: MakeItems, annotator: User) -> None:
    items = make_items(withholding, 240)
    before, items = items[:40], items[40:]
    policy = SuggestionPolicy.of_project(withholding)
    # before any was shown: another time, which counts for neither
    answer(before, annotator, ["spam"] * 40, suggestion=HAM, suggestion_changed=True)
    Annotation.objects.update(created_at=F("created_at") - timedelta(days=1))
    for hidden in (False, True):
        group = [item for item in items if policy.is_withheld(item.pk) is hidden]
        kept = len(group) * (7 if hidden else 9) // 10
        for part, changed in ((group[:kept], False), (group[kept:], True)):
            label = "spam" if changed else "ham"
            answer(
                part,
                annotator,
                [label] * len(part),
                suggestion=HAM,
                suggestion_shown=not hidden,
                suggestion_changed=changed,
            )
    found = anchoring_report(withholding)
    assert found is not None
    assert found["shown"]["value"] == pytest.approx(0.9, abs=0.02)
    assert found["withheld"]["value"] == pytest.approx(0.7, abs=0.02)
    assert found["shown"]["n"] + found["withheld"]["n"] == 200
    assert found["difference"]["value"] == pytest.approx(0.2, abs=0.03)
    assert 0 < found["difference"]["low"] < 0.2 < found["difference"]["high"]


def test_few_answers_give_a_reason(withholding: Project, make_items: MakeItems, annotator: User) -> None:
    items = make_items(withholding, 20)
    answer(items, annotator, ["ham"] * 20, suggestion=HAM, suggestion_shown=True, suggestion_changed=False)
    found = anchoring_report(withholding)
    assert found is not None
    assert found["difference"] is None
    assert "30" in found["reason"]


def test_the_difference_as_published() -> None:
    found = difference_of_proportions(
        accuracy_estimate(56, 70), accuracy_estimate(48, 80)
    )  # Newcombe 1998, table II, method 10: 0.0524 to 0.3339
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
