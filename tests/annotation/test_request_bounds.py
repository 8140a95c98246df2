"""Bodies of calls are bounded, and what they list is counted before the first value is looked at."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from annotation.api import labelling, parsers
from annotation.errors import InvalidValue
from annotation.guidelines import render_guidelines
from annotation.models import Project, User
from annotation.tasktypes import TASK_TYPES, AnswerContext

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]  # they hold time, which counting lines would take

ApiOf = Callable[[User], Client]
MANY = 100_000
MAX_SECONDS = 2.0  # of the processor; some of these took sixteen


def refusal(client: Client, method: str, url: str, body: object) -> tuple[int, Any]:
    """Return the status and the error of a call, which must cost little however much it lists."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    start = time.process_time()
    response = client.generic(method, url, raw, content_type="application/json")
    assert time.process_time() - start < MAX_SECONDS
    assert len(response.content) < 20_000
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"labels": [{"name": str(n)} for n in range(MANY)]},
        {"labels": [{"nonsense": n} for n in range(MANY)]},
        {"labels": [None] * 501},
        {"settings": {str(n): n for n in range(MANY)}},
        {str(n): n for n in range(MANY)},
    ],
    ids=["labels", "nonsense", "501", "settings", "keys"],
)
def test_labels_and_settings_are_counted_first(project: Project, lead: User, api_of: ApiOf, body: object) -> None:
    url = reverse("api-project", args=[project.pk])
    status, error = refusal(api_of(lead), "PATCH", url, body)
    assert (status, error["code"]) == (400, "invalid_request")


def test_lists_are_counted_first(project: Project, lead: User, api_of: ApiOf) -> None:
    api = api_of(lead)
    url = reverse("api-label-changes", args=[project.pk])
    body = {"kind": "split", "label": "ham", "targets": ["x"] * MANY}
    status, error = refusal(api, "POST", url, body)
    assert (status, list(error["details"])) == (400, ["targets"])
    status, error = refusal(api, "POST", url, body | {"targets": [1] * MANY})
    assert (status, list(error["details"])) == (400, ["targets"])
    url = reverse("api-simulations", args=[project.pk])
    body = {"strategies": ["random"] * MANY, "estimators": ["logistic"] * 101}
    status, error = refusal(api, "POST", url, body)
    assert (status, sorted(error["details"])) == (400, ["estimators", "strategies"])


def test_answers_are_counted_first(project: Project, annotator: User, api_of: ApiOf, make_items: Any) -> None:
    [item] = make_items(project, ["a"])
    url = reverse("api-annotations", args=[project.pk])
    one = {"uuid": str(uuid4()), "item": item.pk, "outcome": "label", "value": {"labels": ["ham"] * MANY}}
    status, error = refusal(api_of(annotator), "POST", url, one)
    assert (status, error["details"]["part"]) == (400, "value.labels")
    status, _error = refusal(api_of(annotator), "POST", url, [{}] * MANY)
    assert status == 400


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("spans", {"spans": [{"start": 0, "end": 1, "label": "a"}] * MANY}),
        ("boxes", {"boxes": [{"x": 0, "y": 0, "w": 1, "h": 1, "label": "a"}] * MANY}),
        ("text_multilabel", {"labels": ["a"] * MANY}),
        ("text_classification", {"labels": ["a"] * MANY}),
    ],
)
def test_parts_of_an_answer_are_counted_first(kind: str, value: object) -> None:
    start = time.process_time()
    with pytest.raises(InvalidValue, match="at most"):
        TASK_TYPES[kind].answer.clean(value, AnswerContext(["a"], {"text": "a", "width": 9, "height": 9}))
    assert time.process_time() - start < 0.2


def test_a_body_is_not_read_beyond_its_bound(project: Project, lead: User, annotator: User, api_of: ApiOf) -> None:
    preview = reverse("api-guidelines-preview")
    just = b'{"text": "a"' + b" " * (parsers.MAX_BODY_BYTES - 13) + b"}"
    assert len(just) == parsers.MAX_BODY_BYTES
    assert api_of(lead).generic("POST", preview, just, content_type="application/json").status_code == 200
    status, error = refusal(api_of(lead), "POST", preview, just + b" ")
    assert (status, error["code"]) == (413, "too_large")
    assert "1024 KB" in error["message"]
    answers = reverse("api-annotations", args=[project.pk])
    assert refusal(api_of(annotator), "POST", answers, just + b" ")[0] == 400, "answers may have more"
    assert refusal(api_of(annotator), "POST", answers, b" " * (labelling.MAX_ANSWERS_BYTES + 1))[0] == 413


@pytest.mark.parametrize("text", ["![[", "[", "<", "- ", "a**b", "[a](b", "* a\n", "x\n> "])
def test_guidelines_cost_what_they_are(text: str) -> None:
    start = time.process_time()
    render_guidelines((text * MANY)[:MANY])
    assert time.process_time() - start < 4 * MAX_SECONDS
