"""The autopilot: patient with the network, honest about what it finds, and whole through the real server."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from annotation.errors import InvalidRequest
from annotation.models import Annotation, Item, Membership, Project, User
from annotation.queue.answering import Answer, submit_answers
from learner.autopilot import accounts, api_client
from learner.autopilot.annotator_pool import AnnotatorPool
from learner.autopilot.api_client import Annotator, CallFailed, Connection
from learner.autopilot.audit import audit_answers
from learner.autopilot.oracle import read_oracle
from learner.autopilot.report import report_lines
from tests.annotation.answers import proof_of
from tests.operations.served import run_scenario, scenario_environment

HAM = {"labels": ["ham"]}


class Flaky:
    """A web server that hands out items and stores answers, but fails as it is told to."""

    def __init__(self, items: int) -> None:
        self.open = list(range(1, items + 1))
        self.answers: dict[str, int] = {}
        self.tries: list[str] = []
        self.failures: list[str] = []  # what happens to the next answers: "500", "drop", "lose", "400", "429"
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.lock:
                    outer.answer(self, body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler, body: dict) -> None:
        if handler.path.endswith("/next/"):
            leased = self.open[: body["limit"]]
            return self.reply(handler, 200, [{"item": {"id": pk}, "assignment": f"proof of {pk}"} for pk in leased])
        self.tries.append(body["uuid"])
        failure = self.failures.pop(0) if self.failures else ""
        if failure in ("", "lose"):  # lose: stored, but the client never hears of it
            assert body["assignment"] == f"proof of {body['item']}"
            self.answers[body["uuid"]] = body["item"]
            self.open = [pk for pk in self.open if pk != body["item"]]
        if failure in ("drop", "lose"):
            handler.close_connection = True
            return handler.connection.shutdown(2)
        return self.reply(handler, int(failure or 201), {"said": failure or "stored"})

    def reply(self, handler: BaseHTTPRequestHandler, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flaky]:
    monkeypatch.setattr(api_client, "FIRST_DELAY", 0.001)
    server = Flaky(items=30)
    thread = threading.Thread(target=server.server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.server.shutdown()
    server.server.server_close()
    thread.join()


def annotator_at(flaky: Flaky, patience: float = 10.0) -> Annotator:
    return Annotator(Connection(flaky.url, patience=patience), 1, lambda _: HAM)


def test_an_answer_is_sent_again_with_the_same_uuid_until_it_is_there(flaky: Flaky) -> None:
    flaky.failures = ["500", "drop", "lose", "429", "503"]
    person = annotator_at(flaky)
    assert person.answer_next()
    assert len(set(flaky.tries)) == 1
    assert flaky.answers == person.answered
    traffic = person.connection.traffic
    assert (traffic.retries, traffic.server_errors) == (5, 2)


def test_a_refused_answer_is_not_sent_again(flaky: Flaky) -> None:
    flaky.failures = ["400"]
    with pytest.raises(CallFailed) as caught:
        annotator_at(flaky).answer_next()
    assert caught.value.status == 400
    assert len(flaky.tries) == 1


def test_patience_ends(flaky: Flaky) -> None:
    flaky.failures = ["500"] * 1000
    with pytest.raises(CallFailed) as caught:
        annotator_at(flaky, patience=0.05).answer_next()
    assert caught.value.status == 500


def test_a_crew_gives_exactly_its_budget_and_stops_when_nothing_is_left(flaky: Flaky) -> None:
    pool = AnnotatorPool([annotator_at(flaky)])
    assert pool.give_answers(7) == 7
    assert len(flaky.answers) == 7
    assert pool.give_answers(100) == 23
    assert pool.give_answers(1) == 0


def test_a_failure_of_one_stops_the_whole_crew(flaky: Flaky) -> None:
    flaky.failures = ["400"]
    with pytest.raises(CallFailed):
        AnnotatorPool([annotator_at(flaky), annotator_at(flaky)]).give_answers(1000)
    assert len(flaky.answers) < 30


# The oracle, the people, the audit


@pytest.fixture
def labelled_upload(project: Project, make_items: Callable) -> list[Item]:
    items = make_items(project, 4)
    for item, cell in zip(items, ["ham", " spam ", "neither", None], strict=True):
        item.export_only = {} if cell is None else {"true label": cell}
        item.save()
    return items


def test_the_oracle_knows_what_was_uploaded(project: Project, labelled_upload: list[Item]) -> None:
    oracle = read_oracle(project, "true label")
    assert [oracle.label_of(item.pk) for item in labelled_upload] == ["ham", "spam", None, None]
    assert oracle.label_of(10**9) is None
    positions, labels = oracle.positions_and_targets()
    assert (positions.tolist(), labels.tolist()) == ([0, 1], ["ham", "spam"])


def test_a_column_without_labels_is_refused(project: Project, labelled_upload: list[Item]) -> None:
    with pytest.raises(InvalidRequest, match="No item has one of the labels"):
        read_oracle(project, "no such column")


def test_the_people_are_used_again_with_new_passwords(project: Project) -> None:
    before, after = accounts.ensure_annotators(project, 2), accounts.ensure_annotators(project, 3)
    assert [person.username for person in before] == [person.username for person in after[:2]]
    assert before[0].password != after[0].password
    assert User.objects.get(username=after[0].username).check_password(after[0].password)
    assert Membership.objects.filter(project=project, user__username__startswith="autopilot-").count() == 3


def annotator_with(answered: dict[str, int], seen: set[int] | None = None) -> SimpleNamespace:
    return SimpleNamespace(answered=answered, seen=seen or set(answered.values()), skipped=set())


def test_the_audit_finds_what_went_wrong(
    project: Project, annotator: User, reviewer: User, make_items: Callable
) -> None:
    first, second = make_items(project, 2)
    answer = Answer(uuid4(), first.pk, "label", HAM, assignment=proof_of(project, annotator, first.pk))
    submit_answers(project, annotator, [answer])
    good = annotator_with({str(answer.uuid): first.pk})
    assert audit_answers(project, [good]).is_clean
    assert audit_answers(project, [annotator_with({str(uuid4()): first.pk})]).lost == 1
    assert audit_answers(project, [annotator_with({str(answer.uuid): second.pk})]).changed == 1
    assert audit_answers(project, [good, annotator_with({}, {first.pk})]).leased_twice == 1
    submit_answers(project, reviewer, [Answer(uuid4(), first.pk, "label", HAM)])
    assert audit_answers(project, [good]).doubled == 1
    Annotation.objects.all().update(live=False)
    assert audit_answers(project, [good]).miscounted == 1


def test_a_figure_that_a_model_lacks_leaves_a_gap_in_the_report() -> None:
    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 40}
    point = {"round": 2, "labels": 20, "f1": share, "accuracy": share}
    true = {"round": 2, "labels": 20, "unused": {"f1": 0.25, "accuracy": 0.125, "n": 99}}
    measures = [{"key": key, "title": key} for key in ("map50", "f1", "accuracy")]
    curves = {"curve": [point], "curve_reason": "", "control_curve": None, "control_curve_reason": "No model."}
    report = {
        "answers": 20,
        "seconds": 2.0,
        "traffic": {"calls": 9, "retries": 0, "server_errors": 0},
        "audit": {},
        "progress": {"measures": measures, **curves},
        "truth": {"model": [true], "control": []},
        "search": None,
    }
    row = next(line for line in report_lines(report) if line.startswith("    2"))
    interval = ["0.500", "[0.400,", "0.600]"]
    assert row.split() == ["2", "20", *interval, *interval, "40", "–", "0.2500", "0.1250"]


def test_an_unknown_project_is_named(db: None, project: Project) -> None:
    with pytest.raises(CommandError, match="There is no project “nowhere”"):
        call_command("autopilot", project="nowhere", oracle="label")
    with pytest.raises(CommandError, match="has no round 7"):
        call_command("replay_round", project=project.name, round=7)


@pytest.mark.service
def test_the_loop_without_hands(environment: dict[str, str]) -> None:
    run_scenario("autopilot", scenario_environment(environment, ""))
