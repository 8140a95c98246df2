"""Answers of every task type, and what they are answers to: a new task type adds a line to each."""

from typing import Any

from annotation.models import Assignment, Project, User
from annotation.queue.assignment_proof import sign_assignment
from annotation.tasktypes import AnswerContext


def proof_of(project: Project, user: User, item: int) -> str:
    """Return the proof that the item was assigned to the person once; the lease is long gone."""
    return sign_assignment(Assignment(project=project, user=user, item_id=item, reason="random"))


LABELS = ["ham", "spam", "food/fruit"]

ANSWER_CONTEXTS: dict[str, AnswerContext] = {
    "text_classification": AnswerContext(LABELS, {"text": "Win a prize now"}),
    "text_multilabel": AnswerContext(LABELS, {"text": "Win a prize now"}),
    "text_pair_classification": AnswerContext(LABELS, {"text_a": "Win a prize now", "text_b": "You have won"}),
    "records": AnswerContext(LABELS, {"fields": {"age": "41", "job": "nurse"}}),
    "record_numbers": AnswerContext([], {"fields": {"age": "41", "job": "nurse"}}),
    "image_classification": AnswerContext(LABELS, {"image": "images/1/ab/abc.jpg", "width": 60, "height": 40}),
    "spans": AnswerContext(LABELS, {"text": "Win a prize now"}),
    "boxes": AnswerContext(LABELS, {"image": "images/1/ab/abc.jpg", "width": 60, "height": 40}),
    "preference": AnswerContext(["left", "right", "same"], {"left": "a", "right": "b", "fields": {}}),
    "ratings": AnswerContext(["0.5", "3", "4.5"], {"user": "u7", "thing": "m31", "fields": {"title": "Casablanca"}}),
}
ANSWERS: dict[str, list[Any]] = {
    "text_classification": [{"labels": ["ham"]}, {"labels": ["spam"]}, {"labels": ["food/fruit"]}],
    "image_classification": [{"labels": ["ham"]}, {"labels": ["spam"]}],
    "text_multilabel": [{"labels": []}, {"labels": ["spam"]}, {"labels": ["spam", "ham"]}],
    "text_pair_classification": [{"labels": ["ham"]}, {"labels": ["spam"]}],
    "records": [{"labels": ["ham"]}, {"labels": ["food/fruit"]}],
    "record_numbers": [{"number": 0}, {"number": 41.25}, {"number": 100}],
    "preference": [{"labels": ["left"]}, {"labels": ["same"]}],
    "ratings": [{"rating": 0.5}, {"rating": 3}, {"rating": 4.5}],
    "spans": [
        {"spans": []},
        {"spans": [{"start": 0, "end": 3, "label": "ham"}]},
        {"spans": [{"start": 4, "end": 11, "label": "food/fruit"}, {"start": 0, "end": 3, "label": "ham"}]},
    ],
    "boxes": [
        {"boxes": []},
        {"boxes": [{"x": 0, "y": 0, "w": 60, "h": 40, "label": "ham"}]},
        {
            "boxes": [
                {"x": 3.456, "y": 4, "w": 10, "h": 8, "label": "spam"},
                {"x": 3, "y": 2, "w": 9, "h": 9, "label": "ham"},
            ]
        },
    ],
}
