"""Thirty-two annotators at once through the real web server; the autopilot's own audit says whether all went well."""

import json
from typing import Any

from tests.operations import stage

PEOPLE, ANSWERS, ITEMS = 32, 800, 1100


def label_all_at_once() -> dict[str, Any]:
    """Return the autopilot's report; raises when an answer was lost or an item went to two people."""
    report = stage.VAR / "report.json"
    stage.call_command(
        "autopilot",
        project="SMS",
        oracle="label",
        annotators=PEOPLE,
        labels=ANSWERS,
        url=stage.URL,
        no_wait=True,
        quiet=True,
        json=report,
    )
    return dict(json.loads(report.read_text()))


def main() -> None:
    stage.small_project(ITEMS, batch_size=100)
    with stage.running(*stage.everything()):
        report = label_all_at_once()
    assert report["answers"] == ANSWERS
    assert report["traffic"]["server_errors"] == 0
    assert not any(report["audit"].values()), report["audit"]


if __name__ == "__main__":
    main()
