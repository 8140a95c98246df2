"""Rounds of before are judged by answers of now: their predictions follow renamed and merged labels."""

import numpy as np

from annotation.models import LabelChange, Project
from learner.engine.stopping.stop_set import pack_stop_set_predictions, unpack_stop_set_predictions
from learner.models import Round
from learner.reports.label_renames import with_current_label_names


def test_predictions_follow_the_changes_made_since_and_no_others(project: Project) -> None:
    said = {"0": "spam", "1": "ham"}
    for number, upto in ((1, 10), (2, 30)):
        Round.objects.create(
            project=project,
            number=number,
            status="done",
            trigger="batch",
            seed=1,
            answers_upto=upto,
            test_predictions=said,
            control_predictions=said,
            stop_predictions=pack_stop_set_predictions(np.arange(2), np.array(["spam", "ham"])),
            test_detections={"labels": ["ham", "spam"], "positions": [], "codes": ""},
            metrics={"classes": ["ham", "spam"]},
        )
    LabelChange.objects.create(project=project, kind="merge", label="spam", into=["ham"], upto=20, status="done")
    LabelChange.objects.create(project=project, kind="split", label="ham", into=["a", "b"], upto=20, status="done")
    first, second = with_current_label_names(project, project.rounds.order_by("number"))
    assert first.test_predictions == first.control_predictions == {"0": "ham", "1": "ham"}
    assert unpack_stop_set_predictions(first.stop_predictions).tolist() == ["ham", "ham"]
    assert unpack_stop_set_predictions(second.stop_predictions).tolist() == ["spam", "ham"]
    assert first.test_detections["labels"] == ["ham", "ham"]
    assert first.control_detections == {}
    assert first.metrics["classes"] == ["ham"]
    assert second.test_predictions == said
    assert second.metrics["classes"] == ["ham", "spam"]
    assert Round.objects.get(number=1).test_predictions == said  # what the model said stays written
