"""People, projects and what happens in the kept installation. Runs with the code of the release it is made with."""

import json
import pickle
import random
from base64 import b64encode
from collections.abc import Callable
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from made_projects import Spec, specs
from rest_framework.authtoken.models import Token

from annotation import exporting, importing, intake, labelchanges, people, projects, queue
from annotation.models import Annotation, Export, Import, Item, LabelChange, Membership, Project, User, WorkerSign
from annotation.queue import Answer
from learner import limits, rounds, simulating, simulations
from learner.due import ask
from learner.models import Round, Trigger
from learner.progress import Snapshot

RNG = random.Random(2026)
CHANGED = {"spam": "junk", "cake": "bread", "town": "city"}
PEOPLE = {"anna": "annotator", "ben": "annotator", "rita": "reviewer"}


class Killed(BaseException):
    """The worker died here."""


def password(name: str) -> str:
    return f"upgrade-of-{name}"


def everything(clock: Any) -> dict[str, Any]:
    """Fill an empty installation; return the answers that wait in a browser."""
    User.objects.create_superuser("admin", password=password("admin"))
    lead = User.objects.create_user("lead", password=password("lead"))
    lead.user_permissions.add(Permission.objects.get(codename="add_project"))
    for name in (*PEOPLE, "stranger"):
        User.objects.create_user(name, password=password(name))
    Token.objects.create(user=lead, key="1ead" * 10)
    Token.objects.create(user=User.objects.get(username="anna"), key="a22a" * 10)
    made = {spec.name: _build(clock, lead, spec, number) for number, spec in enumerate(specs(), 1)}
    _people_come_and_go(made["Messages"], lead)
    _runs(made, lead)
    _simulations(made, lead)
    _unfinished_rounds(clock, made)
    kept = _kept(clock, made["Messages"])
    for name in ("default", "train"):
        WorkerSign.leave(name)
    return kept


# Projects with items and answers


def _build(clock: Any, lead: User, spec: Spec, seed: int) -> Project:
    labels = [{"name": name} for name in spec.labels]
    project = projects.create_project(
        lead, spec.name, spec.task_type, labels, f"# {spec.name}\n\nWhat is it?", spec.settings
    )
    Project.objects.filter(pk=project.pk).update(seed=seed * 7919)
    for name, role in PEOPLE.items():
        people.add_member(project, lead, name, role)
    _import(project, lead, spec, spec.mapping)
    project.refresh_from_db()
    crew = [User.objects.get(username=name) for name in ("anna", "ben")]
    halves = [spec.answers // 2, spec.answers - spec.answers // 2]
    if spec.name == "Relevance":
        project = projects.update_project(project, settings={"target_label": 2, "relevant_label": 2})  # as of old
    rounds.run_due(project.pk)
    for part, count in enumerate(halves):
        _label(clock, project, crew, count)
        if part == 0:
            _change_labels(project, lead)
        project.refresh_from_db()
        rounds.run_due(project.pk)
    _second_thoughts(clock, project, crew[0])
    return Project.objects.get(pk=project.pk)


def _import(project: Project, lead: User, spec: Spec, mapping: dict[str, Any], rows: Any = None) -> Import:
    run = _uploaded(project, lead, spec, rows)
    importing.start(run, mapping)
    importing.run(run.pk)
    return run


def _uploaded(project: Project, lead: User, spec: Spec, rows: Any = None) -> Import:
    name, raw = spec.file(rows)
    return importing.create_import(project, lead, SimpleUploadedFile(name, raw))


def _label(clock: Any, project: Project, crew: list[User], count: int) -> None:
    """Have the crew answer so many items, five at a time, with a mistake now and then."""
    shown = project.setting("suggestion") == "shown"
    for user in cycle(crew):
        rows = queue.lease(project, user, min(5, count))
        if not rows or count <= 0:
            break
        for row in rows:
            clock.pass_by(RNG.uniform(2, 9))
            seen = shown and row.suggestion is not None and row.reason != "test"
            outcome = RNG.choices(["label", "skip", "flag"], [30, 1, 1])[0]
            value = _value(project, row.item) if outcome == "label" else None
            comment = "Look at this one." if outcome == "flag" else ""
            seconds = round(RNG.uniform(1, 8), 1)
            queue.submit(project, user, [Answer(_uuid(), row.item_id, outcome, value, seconds, comment, seen)])
        count -= len(rows)
        if RNG.random() < 0.2:
            last = Annotation.objects.live().filter(project=project, user=user).order_by("-pk").first()
            queue.undo(last, user)
        rounds.run_due(project.pk)


def _value(project: Project, item: Item) -> dict[str, Any]:
    """Return the true answer in the labels of today, or sometimes another."""
    value = json.loads(item.hidden["truth"])
    open_labels = set(project.label_names())

    def now(name: str) -> str:
        return name if name in open_labels else CHANGED.get(name, name)

    wrong = RNG.random() < 0.08
    for key in ("spans", "boxes"):
        if key in value:
            parts = [{**part, "label": now(part["label"])} for part in value[key]]
            return {key: parts[:-1] if wrong else parts}
    if "labels" in value:
        found = [RNG.choice(project.label_names())] if wrong else [now(name) for name in value["labels"]]
        return {"labels": sorted(set(found))}
    return value


def _uuid() -> UUID:
    return UUID(int=RNG.getrandbits(128), version=4)


def _second_thoughts(clock: Any, project: Project, user: User) -> None:
    """Change an answer: the second one supersedes the first."""
    for row in list(Annotation.objects.answers().filter(project=project, user=user).order_by("pk")[:2]):
        clock.pass_by(3)
        queue.submit(project, user, [Answer(_uuid(), row.item_id, "label", _value(project, row.item), 3.0)])


def _change_labels(project: Project, lead: User) -> None:
    changes = {
        "Messages": ("rename", "spam", ["junk"]),
        "Recipes": ("merge", "cake", ["bread"]),
        "Names": ("split", "town", ["city", "village"]),
    }
    if project.name in changes:
        labelchanges.change(project, lead, labelchanges.read(project, *changes[project.name]))


def _people_come_and_go(project: Project, lead: User) -> None:
    people.add_member(project, lead, "stranger", "annotator")
    people.remove_member(Membership.objects.get(project=project, user__username="stranger"))
    opened, revoked = people.invite(project, lead, "reviewer"), people.invite(project, lead, "annotator")
    people.revoke(revoked)
    type(opened).objects.filter(pk=opened.pk).update(token="open-" * 6, expires_at="2999-01-01T00:00:00Z")


# Imports, exports, changes of labels


@contextmanager
def replaced(place: Any, name: str, value: Any) -> Any:
    before = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, before)


def _dies_after(calls: int, function: Callable[..., Any]) -> Callable[..., Any]:
    left = [calls]

    def run(*args: Any, **more: Any) -> Any:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return function(*args, **more)

    return run


def _runs(made: dict[str, Project], lead: User) -> None:
    """Runs in every state: done with rejects, waiting, begun by workers that died, never started."""
    by_name = {spec.name: spec for spec in specs()}
    customers, extra = (
        by_name["Customers"],
        [{**row, "customer": f"late {row['customer']}"} for row in by_name["Customers"].rows[:9]],
    )
    bad = [*extra[:3], {**extra[3], "customer": "c1"}, {**extra[4], "customer": "x" * 300}, customers.rows[5]]
    _import(made["Customers"], lead, customers, customers.mapping, bad)
    waiting = {
        "Customers": [{**row, "age": "99"} for row in extra],
        "Films": [
            {"userId": "u0", "movieId": f"new {n}", "title": "New", "user.age": "20", "truth": "{}"} for n in range(4)
        ],
        "Dishes": [
            {"left": "dish 0", "right": f"new {n}", "left.weight": "0", "right.weight": "5", "truth": "{}"}
            for n in range(4)
        ],
        "Ages": [{"card": f"{n}", "size": "1", "no": 900 + n, "truth": "{}"} for n in range(4)],
    }
    for name, rows in waiting.items():
        importing.start(_uploaded(made[name], lead, by_name[name], rows), by_name[name].mapping)
    _import_that_died(made["Messages"], lead, by_name["Messages"])
    words = SimpleUploadedFile("words.conll", b"Ada B-person\nmet O\nBo B-person\n\nOslo B-city\nis O\ncold O\n\n" * 3)
    importing.create_import(made["Names"], lead, words)  # never started
    exporting.run(exporting.create_export(made["Messages"], lead, "csv", {"answers": "gold", "unlabelled": True}).pk)
    exporting.create_export(made["Messages"], lead, "jsonl", {"answers": "all", "unlabelled": False})
    exporting.create_export(made["Customers"], lead, "csv", {"answers": "gold"})
    exporting.create_export(made["Names"], lead, "conll")
    exporting.create_export(made["Cells"], lead, "coco")
    died = exporting.create_export(made["Recipes"], lead, "tsv", {"answers": "all"})
    with replaced(exporting, "_attach", _dies_after(0, None)), suppress(Killed):
        exporting.run(died.pk)
    change = labelchanges.read(made["Softrank"], "rename", "spam", ["unwanted"])
    with replaced(labelchanges, "AT_ONCE", 0), replaced(labelchanges, "CHUNK", 3):
        row = labelchanges.change(made["Softrank"], lead, change)
        with replaced(labelchanges, "_change_some", _dies_after(1, labelchanges._change_some)), suppress(Killed):
            labelchanges.run(row.pk)
    assert {run.status for run in (*Import.objects.all(), *Export.objects.all(), *LabelChange.objects.all())} == {
        "draft", "queued", "running", "done"
    }  # fmt: skip


def _import_that_died(project: Project, lead: User, spec: Spec) -> None:
    rows = [
        {"text": f"{row['text']} later", "id": f"later{n}", "truth": row["truth"]}
        for n, row in enumerate(spec.rows[:40])
    ]
    run = _uploaded(project, lead, spec, rows)
    importing.start(run, {**spec.mapping, "label": None})
    add = _dies_after(2, intake.Intake.add)
    with suppress(Killed), replaced(importing, "CHUNK", 8), replaced(intake.Intake, "add", add):
        importing.run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.rows_read) == ("running", 16)


# Simulations


def _simulations(made: dict[str, Project], lead: User) -> None:
    """One done with every strategy, one done with a target, one waiting, one begun by a worker that died."""
    messages, customers = made["Messages"], made["Customers"]
    every = {
        "strategies": list(simulations.strategy_titles(messages)),
        "learners": ["logistic"],
        "budget": 24,
        "seeds": 1,
    }
    _simulate(messages, lead, every | {"batch": 12, "metric": "macro_f1"})
    learners = {"strategies": ["random", "margin"], "learners": ["svm", "bayes", "forest"], "budget": 30, "seeds": 2}
    _simulate(customers, lead, learners | {"batch": 10, "target": "yes"})
    short = {
        "strategies": ["random", "boltzmann_kmeans"],
        "learners": ["logistic"],
        "budget": 20,
        "seeds": 1,
        "batch": 10,
    }
    simulations.create(messages, lead, short)
    numbers = {"strategies": ["boltzmann", "random"], "learners": ["ridge"], "budget": 16, "seeds": 2, "batch": 8}
    run = simulations.create(made["Ages"], lead, numbers)
    with replaced(simulating, "run_trial", _dies_after(2, simulating.run_trial)), suppress(Killed):
        simulating.run(run.pk)
    run.refresh_from_db()
    assert (run.status, len(run.trials)) == ("running", 2)


def _simulate(project: Project, lead: User, given: dict[str, Any]) -> None:
    run = simulations.create(project, lead, given)
    with replaced(simulating, "SLICE_SECONDS", 1000.0):
        simulating.run(run.pk)
    run.refresh_from_db()
    assert run.status == "done", run.error
    assert run.plot


# Rounds


def _unfinished_rounds(clock: Any, made: dict[str, Project]) -> None:
    """A round that failed, one whose worker died, one that is handed out, and two projects that are paused."""

    def fails(*_: Any) -> None:
        raise RuntimeError("something went wrong in this round")

    ask(made["Margin"])
    with replaced(rounds, "run_cycle", fails):
        rounds.run_due(made["Margin"].pk)
    assert rounds.claim(made["Entropy"].pk, Trigger.BATCH) is not None  # and nothing more is heard of it
    ask(made["Power"])
    with replaced(settings, "SHARD_ROWS", 10):
        rounds.run_due(made["Power"].pk)
    assert Round.objects.get(project=made["Power"], status="running").handed_out
    projects.pause(made["Badge"])
    projects.update_project(made["Bald"], settings={"label_budget": 5, "stop_when": "pause"})
    limits.hold(made["Bald"].pk)
    assert Project.objects.get(pk=made["Bald"].pk).paused_at is not None
    clock.pass_by(5)


def _kept(clock: Any, project: Project) -> dict[str, Any]:
    """Return what a browser and the cache hold: two answers and a skip, one in the name that a label had before."""
    anna = User.objects.get(username="anna")
    rows = queue.lease(project, anna, 3)
    clock.pass_by(20)
    told = [("label", {"labels": ["spam"]}), ("label", {"labels": ["ham"]}), ("skip", None)]
    body = [
        {
            "uuid": str(_uuid()),
            "item": row.item_id,
            "outcome": outcome,
            "value": value,
            "seconds": 4.2,
            "comment": "",
            "suggestion_shown": False,
        }
        for row, (outcome, value) in zip(rows, told, strict=True)
    ]
    last = Annotation.objects.answers().filter(project=project, user=anna).order_by("-pk").first()
    address = f"/api/v1/projects/{project.pk}/annotations/"
    return {
        "user": "anna",
        "address": address,
        "answers": body,
        "undo": f"/api/v1/annotations/{last.uuid}/undo/",
        "cached": {f"progress:{project.pk}:en": _cached()},
    }


def _cached() -> str:
    """Return what the cache holds of the progress of a project, in base64: it outlives the release by two minutes."""
    return b64encode(pickle.dumps(Snapshot("0" * 32, {"old": True}, 0.0, 1.0), pickle.HIGHEST_PROTOCOL)).decode()
