"""The autopilot through the real server and worker; then every round is replayed, and one with a changed answer."""

import csv
import json

from tests.operations import stage  # first: it sets Django up

from django.core.management.base import CommandError  # isort: skip
from annotation.models import Annotation, Item  # isort: skip
from learner.models import Round  # isort: skip

ITEMS, TRAINING = 600, 60


def autopilot(**options: object) -> dict:
    report = stage.VAR / "report.json"
    stage.call_command(
        "autopilot", project="SMS", oracle="label", url=stage.URL, quiet=True, json=report, annotators=3, **options
    )
    return dict(json.loads(report.read_text()))


def outside_file() -> str:
    """Write a test set from outside: here the project's last items, as a file."""
    path = stage.VAR / "outside.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["message", "kind"])
        for item in Item.objects.order_by("-position")[:100]:
            table.writerow([item.content["text"], item.export_only["label"]])
    return f"{path}:message:kind"


def check_report(report: dict) -> None:
    assert report["progress"]["counts"]["training_labels"] == TRAINING
    assert report["progress"]["queue"]["in_hand"] == 0  # colleagues need not wait for its leases
    assert not any(report["audit"].values()), report["audit"]
    last = report["truth"]["model"][-1]
    assert last["labels"] == TRAINING
    assert last["unused"]["n"] == report["progress"]["counts"]["items"] - TRAINING
    assert last["sample"]["n"] == Item.objects.filter(split="test").count() > 0  # those nobody answered as well
    assert last["outside"]["n"] == 100
    assert last["unused"]["accuracy"] > 0.9, last
    sizes = {row.control_labels for row in Round.objects.done() if row.control_predictions}
    assert {point["labels"] for point in report["truth"]["control"]} <= sizes  # fewer: an arm of one class has no model


def check_replay() -> None:
    numbers = list(Round.objects.done().order_by("number").values_list("number", flat=True))
    assert len(numbers) > 3
    for number in numbers:
        stage.call_command("replay_round", project="SMS", round=number)
    answer = Annotation.objects.filter(item__split="pool").earliest("pk")
    other = {"ham": "spam", "spam": "ham"}[answer.value["labels"][0]]
    Annotation.objects.filter(pk=answer.pk).update(value={"labels": [other]})
    try:
        stage.call_command("replay_round", project="SMS", round=numbers[-1])
    except CommandError as error:
        assert "Not the same" in str(error)
    else:
        raise AssertionError("a changed answer went unnoticed")


def main() -> None:
    stage.small_project(ITEMS, batch_size=15)
    with stage.running(*stage.everything()):
        check_report(autopilot(training_labels=TRAINING, truth=outside_file()))
        check_replay()


if __name__ == "__main__":
    main()
