"""The numbers of the dashboard, counted by hand where a hand can count."""

from collections.abc import Callable
from datetime import timedelta
from time import thread_time, time
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from annotation.models import (
    Annotation,
    Assignment,
    Item,
    JobStatus,
    Project,
    QueueEntry,
    Reason,
    User,
    WorkerHeartbeat,
)
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.models import LearnerState, Round
from learner.reports import learning_curves
from learner.reports.progress import REST_FACTOR, Progress, current_progress, progress_document, progress_fingerprint
from learner.rounds.running import run_due_rounds
from tests.learner.factories import add_round, answer, freeze

pytestmark = pytest.mark.both_databases

MakeItems = Callable[..., list[Item]]


@pytest.fixture
def measured(project: Project, make_items: MakeItems, annotator: User) -> Project:
    """40 test items answered, half ham, half spam; two rounds: one says ham always, one errs four times."""
    items = make_items(project, 100)
    tested = freeze(items, 40)
    truth = ["ham", "spam"] * 20
    answer(tested, annotator, truth, reason=Reason.TEST)
    add_round(project, {item.position: "ham" for item in tested})
    wrong_at = {0, 1, 2, 4}  # three hams taken for spam, one spam for ham
    flip = {"ham": "spam", "spam": "ham"}
    said = {item.position: flip[truth[n]] if n in wrong_at else truth[n] for n, item in enumerate(tested)}
    add_round(project, said)
    return project


def test_an_empty_project_has_numbers_and_reasons(project: Project) -> None:
    found = progress_document(project)
    assert found["counts"] == {
        "items": 0,
        "labelled": 0,
        "unlabelled": 0,
        "test_items": 0,
        "test_answered": 0,
        "training_labels": 0,
        "random_arm_labels": 0,
        "answers": 0,
        "skipped": 0,
        "flagged": 0,
    }
    assert found["curve"] is None
    assert found["current"] is None
    assert found["queue"]["order"] == "none"
    assert found["stop"]["advice"] is None
    assert found["worker"] == {"alive": False, "seen_at": None}


def test_counts(project: Project, make_items: MakeItems, annotator: User, lead: User) -> None:
    items = make_items(project, 50)
    tested = freeze(items, 10)
    answer(tested[:4], annotator, ["ham"] * 4, reason=Reason.TEST)
    answer(items[10:16], annotator, ["spam"] * 6)
    answer(items[16:18], lead, ["ham", "ham"], reason=Reason.RANDOM, round=1)
    answer(items[18:19], lead, ["ham"], reason=Reason.RANDOM)  # the queue had run dry: not of the arm
    for item, outcome in [(items[20], "skip"), (items[21], "flag")]:
        Annotation.objects.create(project=project, item=item, user=lead, outcome=outcome, reason=Reason.UNCERTAIN)
    assert progress_document(project)["counts"] == {
        "items": 50,
        "labelled": 13,
        "unlabelled": 37,
        "test_items": 10,
        "test_answered": 4,
        "training_labels": 9,
        "random_arm_labels": 2,
        "answers": 15,
        "skipped": 1,
        "flagged": 1,
    }


def test_answers_taken_back_do_not_count(measured: Project) -> None:
    Annotation.objects.filter(project=measured).update(live=False)
    found = progress_document(measured)
    assert found["counts"]["answers"] == found["counts"]["test_answered"] == 0
    assert found["current"] is None


def test_no_accuracy_before_enough_test_answers(measured: Project) -> None:
    last = Annotation.objects.filter(project=measured).order_by("-pk")
    for row in last[: 40 - MIN_TEST_ANSWERS + 1]:
        Annotation.objects.filter(pk=row.pk).update(live=False)
    found = progress_document(measured)
    assert found["curve"] is found["control_curve"] is found["current"] is None
    assert found["curve_reason"].startswith("29 of the 30 test answers needed so far: no accuracy is shown")


def test_every_model_is_measured_on_all_answers_known_now(measured: Project) -> None:
    first, second = progress_document(measured)["curve"]
    assert first["accuracy"]["value"] == 0.5
    assert first["accuracy"]["n"] == second["accuracy"]["n"] == 40
    assert second["accuracy"]["value"] == 0.9
    assert [first["labels"], second["labels"]] == [20, 40]
    # Wilson 95 % of 36 in 40
    assert second["accuracy"]["low"] == pytest.approx(0.7695, abs=1e-4)
    assert second["accuracy"]["high"] == pytest.approx(0.9604, abs=1e-4)
    assert first["macro_f1"]["value"] == pytest.approx((2 / 3 + 0) / 2)


def test_per_class_and_confusion_of_the_newest_model(measured: Project) -> None:
    current = progress_document(measured)["current"]
    assert current["round"] == 2
    assert current["confusion"] == {"labels": ["ham", "spam"], "counts": [[17, 3], [1, 19]]}
    ham, spam = current["per_class"]
    assert (ham["precision"]["value"], ham["recall"]["value"], ham["support"]) == (17 / 18, 17 / 20, 20)
    assert (spam["precision"]["value"], spam["recall"]["n"]) == (19 / 22, 20)
    assert ham["f1"] == pytest.approx(2 * 17 / (18 + 20))


def test_the_newest_point_of_the_curve_is_the_headline(measured: Project) -> None:
    found = progress_document(measured)
    for figure in ("accuracy", "macro_f1"):
        assert found["curve"][-1][figure] == found["current"][figure]


def test_labels_come_in_the_order_of_their_keys(measured: Project) -> None:
    measured.labels.filter(name="spam").update(order=0)
    measured.labels.filter(name="ham").update(order=1)
    found = progress_document(Project.objects.get(pk=measured.pk))
    assert found["current"]["confusion"]["labels"] == ["spam", "ham"]
    assert found["current"]["confusion"]["counts"] == [[19, 1], [3, 17]]
    assert [row["label"] for row in found["labels"]["overall"]] == ["spam", "ham"]


def test_a_tied_test_item_is_left_out(measured: Project, lead: User) -> None:
    item = measured.items.get(position=5)  # spam, says the annotator
    answer([item], lead, ["ham"], reason=Reason.OVERLAP)
    assert progress_document(measured)["current"]["accuracy"]["n"] == 39


def test_control_curve_has_one_point_for_each_size(measured: Project) -> None:
    assert progress_document(measured)["control_curve"] is None
    said = {str(position): "ham" for position in range(40)}
    for size in (2, 2, 5):
        row = add_round(measured, dict.fromkeys(range(40), "ham"))
        Round.objects.filter(pk=row.pk).update(control_labels=size, control_predictions=said)
    control = progress_document(measured)["control_curve"]
    assert [(point["labels"], point["round"]) for point in control] == [(2, 4), (5, 5)]
    assert control[0]["accuracy"]["value"] == 0.5


def test_a_round_says_which_estimator_took_anothers_place(measured: Project) -> None:
    chosen = {"value": "boosting", "replaced": "logistic", "random_labels": 120, "log_loss": 0.3021}
    add_round(measured, {}, metrics={"choices": {"auto": {**chosen, "replaced_log_loss": 0.326}}})
    newest, before, *_ = progress_document(measured)["rounds"]
    assert before["note"] == ""
    assert newest["note"].startswith("Gradient boosting took the place of Logistic regression: its log loss on 120")
    assert newest["note"].endswith("is 0.302 instead of 0.326.")


def test_each_point_names_its_estimator(measured: Project) -> None:
    said = {item.position: "ham" for item in measured.items.filter(split="test")}
    add_round(measured, said, settings={"estimator": "svm"})
    found = progress_document(measured)
    assert [point["estimator"] for point in found["curve"]] == ["auto", "auto", "svm"]
    assert found["estimators"] == {"auto": "Automatic", "svm": "Linear SVM"}


def test_a_control_curve_shows_both_estimators_of_one_size(measured: Project) -> None:
    predictions = {str(position): "ham" for position in range(40)}
    for estimator in ("logistic", "logistic", "forest"):
        add_round(
            measured,
            dict.fromkeys(range(40), "ham"),
            settings={"estimator": estimator},
            control_labels=5,
            control_predictions=predictions,
        )
    control = progress_document(measured)["control_curve"]
    assert [(point["round"], point["estimator"]) for point in control] == [(4, "logistic"), (5, "forest")]


def test_items_imported_later_lack_old_predictions(measured: Project, make_items: MakeItems, annotator: User) -> None:
    later = freeze(make_items(measured, [f"later {n}" for n in range(5)]), 5)
    answer(later, annotator, ["ham"] * 5, reason=Reason.TEST)
    found = progress_document(measured)
    assert found["test"]["answered"] == 45
    assert found["current"]["accuracy"]["n"] == 40


def test_labels_by_person(project: Project, make_items: MakeItems, annotator: User, lead: User) -> None:
    items = make_items(project, 10)
    answer(items[:6], annotator, ["ham", "ham", "ham", "spam", "spam", "gone"])
    answer(items[6:], lead, ["spam"] * 4)
    found = progress_document(project)["labels"]
    assert [(row["label"], row["n"]) for row in found["overall"]] == [("ham", 3), ("spam", 6), ("gone", 1)]
    assert [(row["user"], row["total"]) for row in found["by_person"]] == [("annotator", 6), ("lead", 4)]
    assert [row["n"] for row in found["by_person"][1]["labels"]] == [0, 4, 0]


def test_throughput_counts_people_only(project: Project, make_items: MakeItems, annotator: User) -> None:
    robot = User.objects.create_user("imported", is_machine=True)
    items = make_items(project, 20)
    answer(items[:10], robot, ["ham"] * 10, reason=Reason.IMPORTED)
    now = timezone.now()
    given = answer(items[10:16], annotator, ["ham"] * 6)
    ages = [1, 2, 59, 61, 60 * 23, 60 * 25]  # minutes
    for row, age, seconds in zip(given, ages, [1.0, 2.0, 3.0, 4.0, 50.0, None], strict=True):
        Annotation.objects.filter(pk=row.pk).update(created_at=now - timedelta(minutes=age), duration_seconds=seconds)
    found = progress_document(project)["throughput"]
    assert (found["hour"], found["day"]) == (3, 5)
    assert len(found["hours"]) == 24
    (person,) = found["by_person"]
    assert (person["user"], person["last_hour"], person["median_seconds"]) == ("annotator", 3, 3.0)
    assert sum(person["counts"]) in (4, 5)  # the answer of 23 hours ago may lie before the first clock hour


def test_agreement(project: Project, make_items: MakeItems, annotator: User, lead: User, reviewer: User) -> None:
    assert "People per item" in progress_document(project)["agreement"]["reason"]
    project.settings = {"overlap": 3}
    project.save()
    assert progress_document(project)["agreement"]["share"] is None
    items = make_items(project, 3)
    answer(items, annotator, ["ham", "ham", "spam"])
    answer(items[:2], lead, ["ham", "spam"])
    answer(items[:1], reviewer, ["spam"])
    share = progress_document(project)["agreement"]["share"]
    # item 0: ham ham spam has one agreeing pair of three; item 1 none of one; item 2 no pair
    assert (share["value"], share["n"]) == (0.25, 4)


def test_what_people_disagree_about_is_counted_also_with_one_person_an_item(
    project: Project, make_items: MakeItems, annotator: User, lead: User
) -> None:
    items = make_items(project, 5)
    answer(items, annotator, ["ham"] * 5)
    late = answer(items[:2], lead, ["ham", "spam"])  # their leases had run out
    Annotation.objects.filter(pk__in=[row.pk for row in late]).update(mark="late")
    [marked] = Annotation.objects.filter(item=items[4])
    Annotation.objects.filter(pk=marked.pk).update(mark="unassigned")
    found = progress_document(project)["agreement"]
    assert (found["items"], found["disagreeing"], found["extra"], found["overlap"]) == (2, 1, 3, 1)
    assert (found["share"]["value"], found["reason"]) == (0.5, "")
    assert set(project.items.to_review(project)) == {items[0], items[1], items[4]}


def test_items_to_review_are_listed_for_those_who_see_all_answers(
    project: Project, make_items: MakeItems, annotator: User, lead: User, reviewer: User, api_of: Any
) -> None:
    items = make_items(project, 3)
    answer(items, annotator, ["ham"] * 3)
    answer(items[1:2], lead, ["spam"])
    path = f"/api/v1/projects/{project.pk}/items/?status=extra"
    listed = {user: api_of(user).get(path).json()["results"] for user in (annotator, reviewer, lead)}
    assert {user.username: [row["id"] for row in rows] for user, rows in listed.items()} == {
        "annotator": [],
        "reviewer": [items[1].pk],
        "lead": [items[1].pk],
    }


# A test sample that cannot be large enough


def reason_of(project: Project) -> str:
    test = progress_document(project)["test"]
    assert test["possible"] < test["needed"] or "so far" in test["reason"]
    return str(test["reason"])


@pytest.mark.parametrize(("items", "possible", "more"), [(3, 0, 147), (60, 12, 90), (149, 29, 1)])
def test_a_small_project_is_told_that_the_test_sample_cannot_come(
    project: Project, make_items: MakeItems, items: int, possible: int, more: int
) -> None:
    make_items(project, items)
    reason = reason_of(project)
    assert reason.startswith(f"The test sample is too small to measure accuracy: it has {possible} items, and 30 are")
    assert f"import at least {more} more" in reason


def test_a_project_that_is_large_enough_waits_for_answers(project: Project, make_items: MakeItems) -> None:
    make_items(project, 150)
    assert reason_of(project).startswith("0 of the 30 test answers needed so far")


def test_a_frozen_sample_grows_at_its_rate(project: Project, make_items: MakeItems, annotator: User) -> None:
    tested = freeze(make_items(project, 100), 10)
    LearnerState.objects.update_or_create(project=project, defaults={"test_frozen_items": 100})
    answer(tested, annotator, ["ham"] * 10, reason=Reason.TEST)
    assert "import at least 200 more" in reason_of(project)  # a tenth of 300 is 30


def test_a_sample_that_was_set_too_small_says_so(project: Project, make_items: MakeItems) -> None:
    project.settings = {"test_size": 20}
    project.save()
    make_items(project, 500)
    assert "Raise the setting “Test size” to 30 or more" in reason_of(project)


# Queue and worker


def entries(items: list[Item], reason: str, number: int | None = 1) -> None:
    QueueEntry.objects.bulk_create(
        QueueEntry(project_id=item.project_id, item=item, rank=rank, reason=reason, round=number)
        for rank, item in enumerate(items)
    )


def test_queue_ranked_by_a_model(measured: Project, lead: User) -> None:
    items = list(measured.items.filter(position__gte=40)[:10])
    entries(items, Reason.UNCERTAIN)
    expiry = timezone.now() + timedelta(minutes=5)
    Assignment.objects.create(project=measured, item=items[0], user=lead, reason=Reason.UNCERTAIN, expires_at=expiry)
    queue = progress_document(measured)["queue"]
    assert (queue["order"], queue["round"], queue["text"]) == ("model", 2, "Ranked by model 2.")
    assert (queue["ready"], queue["in_hand"], queue["ready_by_reason"]) == (9, 1, {"uncertain": 9})


def test_queue_says_why_it_is_random(project: Project, make_items: MakeItems) -> None:
    items = make_items(project, 10)
    assert progress_document(project)["queue"]["text"] == "Random, because no round has run yet."
    running = add_round(project, status=JobStatus.RUNNING, finished_at=None)
    queue = progress_document(project)["queue"]
    assert queue["text"] == "Random, because the first round is under way."
    assert queue["running"]["number"] == 1
    Round.objects.filter(pk=running.pk).update(status=JobStatus.DONE, note="Only one label has answers so far.")
    entries(items, Reason.COLD)
    queue = progress_document(project)["queue"]
    assert queue["order"] == "spread"
    assert queue["text"].endswith("Only one label has answers so far.")


def test_queue_with_everything_answered(project: Project, make_items: MakeItems, annotator: User) -> None:
    answer(make_items(project, 3), annotator, ["ham"] * 3)
    add_round(project)
    assert progress_document(project)["queue"]["text"] == "Every item has its answers."


def test_worker_by_its_sign_or_by_a_beating_round(project: Project) -> None:
    old = timezone.now() - timedelta(hours=1)
    WorkerHeartbeat.objects.create(queue="train", seen_at=old)
    assert progress_document(project)["worker"] == {"alive": False, "seen_at": old}
    row = add_round(project, status=JobStatus.RUNNING, finished_at=None, heartbeat_at=old)
    assert not progress_document(project)["worker"]["alive"]
    Round.objects.filter(pk=row.pk).update(heartbeat_at=timezone.now())
    assert progress_document(project)["worker"]["alive"]


def test_rounds_tell_errors_and_timings(measured: Project) -> None:
    add_round(measured, status=JobStatus.FAILED, error="ValueError: no")
    newest, second, _ = progress_document(measured)["rounds"]
    assert (newest["number"], newest["error"]) == (3, "ValueError: no")
    assert second["seconds"] == pytest.approx(0.8)
    assert second["timings"]["fit"] == 0.3
    assert "test_predictions" not in second


# Speed


def test_thinning_keeps_the_ends_and_the_newest() -> None:
    kept = learning_curves.thin_out_older(range(1000), 100, 20)
    assert len(kept) == 100
    assert kept[0] == 0
    assert kept[-20:] == list(range(980, 1000))
    assert learning_curves.thin_out_older([1, 2], 100, 20) == [1, 2]


def test_a_thousand_rounds_stay_fast(project: Project, make_items: MakeItems, annotator: User) -> None:
    items = make_items(project, 400)
    tested = freeze(items, 300)
    names = ["ham", "spam"]
    answer(tested, annotator, [names[n % 2] for n in range(300)], reason=Reason.TEST)
    said = {str(item.position): names[(n // 3) % 2] for n, item in enumerate(tested)}
    Round.objects.bulk_create(
        Round(
            project=project,
            number=n + 1,
            status=JobStatus.DONE,
            trigger="batch",
            seed=n,
            labels=20 * n,
            control_labels=2 * n,
            metrics={"classes": names},
            test_predictions=said,
            control_predictions=said,
            finished_at=timezone.now(),
        )
        for n in range(1000)
    )
    began = thread_time()  # of the processor, which others may be using too
    found = progress_document(project)
    assert thread_time() - began < 3
    assert len(found["curve"]) <= learning_curves.MAX_CURVE_POINTS
    assert found["curve"][-1]["round"] == 1000


def test_queries_do_not_grow(measured: Project, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(28):  # two of them for changes of labels
        progress_document(measured)


# Cache


def test_unchanged_numbers_cost_one_query(measured: Project, django_assert_num_queries: Any) -> None:
    cache.clear()
    first = current_progress(measured)
    with django_assert_num_queries(1):
        assert current_progress(measured) == first


def test_a_costly_document_rests_and_a_cheap_one_does_not(
    measured: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learner.reports.progress.CHEAP_SECONDS", 0.2)
    now = time()
    assert Progress("", {}, computed_at=now - 4, cost=1.0).is_too_costly_to_refresh()
    assert not Progress("", {}, computed_at=now - REST_FACTOR - 0.1, cost=1.0).is_too_costly_to_refresh()
    assert not Progress("", {}, computed_at=now, cost=0.01).is_too_costly_to_refresh()
    monkeypatch.setattr("learner.reports.progress.CHEAP_SECONDS", 60)
    first = current_progress(measured)
    answer([measured.items.get(position=60)], lead, ["ham"])
    assert current_progress(measured).fingerprint != first.fingerprint


@pytest.mark.parametrize("change", ["answer", "undo", "round", "lease", "ask", "label", "settings", "worker"])
def test_every_change_is_seen(change: str, measured: Project, lead: User, annotator: User) -> None:
    before = progress_fingerprint(measured)
    item = measured.items.get(position=60)
    match change:
        case "answer":
            answer([item], lead, ["ham"])
        case "undo":
            row = Annotation.objects.filter(project=measured).first()
            assert row
            Annotation.objects.filter(pk=row.pk).update(live=False)
            Annotation.objects.create(
                project=measured, item=row.item, user=annotator, outcome="undo", live=False, reason="test"
            )
        case "round":
            add_round(measured)
        case "lease":
            expiry = timezone.now() + timedelta(minutes=5)
            Assignment.objects.create(project=measured, item=item, user=lead, reason="random", expires_at=expiry)
        case "ask":
            LearnerState.objects.create(project=measured, requested_at=timezone.now())
        case "label":
            measured.labels.create(name="other")
        case "settings":
            Project.objects.filter(pk=measured.pk).update(settings={"overlap": 2})
        case "worker":
            WorkerHeartbeat.touch("train")
    assert progress_fingerprint(measured) != before


# The real loop


@pytest.mark.django_db(transaction=True)
def test_what_real_rounds_leave_is_shown(project: Project, make_items: MakeItems, annotator: User) -> None:
    ham = [f"see you at lunch tomorrow, meeting {n} is fine" for n in range(120)]
    spam = [f"WIN a free prize now, call {n} and claim cash" for n in range(120)]
    make_items(project, [text for pair in zip(ham, spam, strict=True) for text in pair])
    assert run_due_rounds(project.pk) == 1
    found = progress_document(project)
    assert found["counts"]["test_items"] == 48
    assert (found["queue"]["order"], found["current"]) == ("spread", None)
    fresh = list(Item.objects.filter(project=project))
    tested = [item for item in fresh if item.split == "test"]
    pool = [item for item in fresh if item.split == "pool"][:20]
    answer(tested, annotator, [["ham", "spam"][item.position % 2] for item in tested], reason=Reason.TEST)
    answer(pool, annotator, [["ham", "spam"][item.position % 2] for item in pool])
    assert run_due_rounds(project.pk) == 1
    found = progress_document(project)
    assert (found["current"]["accuracy"]["value"], found["current"]["accuracy"]["n"]) == (1.0, 48)
    assert [(point["round"], point["labels"]) for point in found["curve"]] == [(2, 20)]
    assert found["queue"]["order"] == "model"
    assert found["queue"]["ready"] > 0
    assert found["rounds"][0]["timings"].keys() >= {"fit", "score", "choose", "publish"}
