"""An installation of an earlier release goes on under this one: nothing is lost, and what was begun is finished."""

import json
import os
import re
from base64 import b64decode
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from redis import Redis

from annotation.models import Annotation, ApiToken, Export, Import, LabelChange, Membership, Project, User
from learner.engine.storage.feature_store import FeatureStore
from learner.models import Round, Simulation
from learner.rounds.item_contents import estimator_input
from tests.upgrade.asking import answer_of, differences
from tests.upgrade.conftest import RELEASE, Worker

# no_cover: what they run the other tests cover; counting its lines would take longer than the tests
pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("installation"), pytest.mark.no_cover]

KEPT = json.loads((RELEASE / "kept.json").read_text(encoding="utf-8"))
# what a round reads from the project and writes down; not: what it finds, such as the version of the features
ASKED_FOR = ("strategy", "estimator", "beta", "beta_end", "beta_labels", "effective_pool", "target", "shares")

# annotators do not learn which items are of the test sample, since 0.2.0
HIDDEN_FROM_ANNOTATORS = re.compile(r"\.split: not there$|\.reason: 'test' before, 'random' now$")
GONE = {"/api/v1/me/token/"}  # it answered a key, and keys are not kept since 0.2.0


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def project_called(name: str) -> Project:
    return Project.objects.get(name=name)


# What there was


def test_no_row_is_lost(before: dict[str, Any]) -> None:
    kinds = ("items", "annotations", "assignments", "queue", "rounds", "labels", "memberships", "imports", "exports")
    for pk, counts in before["counts"].items():
        project = Project.objects.get(pk=pk)
        assert {kind: getattr(project, kind).count() for kind in kinds} == {kind: counts[kind] for kind in kinds}
        assert project.annotations.filter(live=True, outcome="label").count() == counts["live_labels"]
        assert project.item_count == counts["item_count"]
    assert Project.objects.count() == len(before["counts"])


@pytest.mark.usefixtures("then")
@pytest.mark.parametrize("reader", ["lead", "anna"])
def test_every_address_answers_as_before(before: dict[str, Any], reader: str) -> None:
    client = client_of(reader)
    found = [
        difference
        for address, answer in before["answers"][reader].items()
        if address not in GONE
        for difference in differences(answer, answer_of(client, address), address)
    ]
    if reader == "anna":
        found = [difference for difference in found if not HIDDEN_FROM_ANNOTATORS.search(difference)]
    assert not found, "\n".join(found[:40])


def test_what_the_release_left_in_the_cache_is_no_trouble(settings: LazySettings) -> None:
    url = os.environ["REDIS_URL"]
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url, "KEY_PREFIX": "upgrade"}
    }
    for key, value in KEPT["cached"].items():
        Redis.from_url(url).set(cache.make_key(key), b64decode(value), ex=60)
    answer = client_of("lead").get(f"/api/v1/projects/{project_called('Messages').pk}/progress/")
    assert answer.status_code == 200
    assert answer.json()["project"]["name"] == "Messages"


@pytest.mark.usefixtures("then")
def test_the_next_items_are_those_of_before(before: dict[str, Any]) -> None:
    client = client_of("anna")
    for pk, rows in before["next"].items():
        now = client.post(f"/api/v1/projects/{pk}/next/", {"n": 4}, content_type="application/json").json()
        found = differences(rows, now if isinstance(rows, list) else len(now))
        assert not [difference for difference in found if not HIDDEN_FROM_ANNOTATORS.search(difference)], pk


def test_models_say_what_they_said(before: dict[str, Any], settings: LazySettings) -> None:
    store = FeatureStore(settings.STORE_ROOT)
    for key, then in before["models"].items():
        done = Round.objects.get(project=key.partition("/")[0], number=key.partition("/")[2])
        model, features = store.load_model(done.project_id, done.number), store.open(done.project_id)
        assert model is not None, key
        said = model.predict(estimator_input(done.project, features))
        assert [str(label) for label in said[:60]] == then["said"], key
    kinds = {then["kind"] for then in before["models"].values()}
    assert len(kinds) == 9


# Signing in


def test_tokens_and_passwords_are_good(before: dict[str, Any], settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    for name, key in before["tokens"].items():
        answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {key}"})
        assert answer.json()["username"] == name
    assert set(ApiToken.objects.values_list("is_legacy", "scope", "expires_at")) == {(True, "manage", None)}
    assert "authtoken_token" not in connection.introspection.table_names()
    page = Client().post("/sign-in/", {"username": "anna", "password": "upgrade-of-anna"})
    assert (page.status_code, page.headers["Location"]) == (302, "/")


def test_an_invitation_is_good(before: dict[str, Any]) -> None:
    client = client_of("stranger")
    assert client.get(before["invitation"]).status_code == 200
    client.post(before["invitation"])
    assert Membership.objects.get(user__username="stranger").role == "reviewer"


# Going on


def test_answers_that_waited_in_a_browser_are_taken() -> None:
    client, count = client_of(KEPT["user"]), Annotation.objects.count()
    for status in (201, 200):
        answer = client.post(KEPT["address"], KEPT["answers"], content_type="application/json")
        assert answer.status_code == status, answer.content
    stored = [Annotation.objects.get(uuid=one["uuid"]) for one in KEPT["answers"]]
    assert [row.outcome for row in stored] == [one["outcome"] for one in KEPT["answers"]]
    # the first was given before its label was renamed
    assert [row.value for row in stored] == [{"labels": ["junk"]}, {"labels": ["ham"]}, None]
    assert [row.duration_seconds for row in stored] == [one["seconds"] for one in KEPT["answers"]]
    assert answer.json()[0]["value"] == {"labels": ["junk"]}
    assert client.post(KEPT["undo"]).status_code == 200
    assert Annotation.objects.count() == count + len(KEPT["answers"]) + 1


def test_what_waited_or_was_begun_is_finished(worker: Worker) -> None:
    begun = {
        model: list(model.objects.filter(status__in=["queued", "running"]).order_by("pk").values_list("pk", flat=True))
        for model in (Import, Export, LabelChange, Simulation)
    }
    assert [len(pks) for pks in begun.values()] == [5, 5, 1, 2]
    draft = Import.objects.get(status="draft")
    address = f"/api/v1/projects/{draft.project_id}/imports/{draft.pk}/start/"
    assert client_of("lead").post(address, {}, content_type="application/json").status_code == 202
    worker.sweep()
    begun[Import].append(draft.pk)
    for model, pks in begun.items():
        rows = model.objects.filter(pk__in=pks).order_by("pk")
        assert [(row.status, row.error) for row in rows] == [("done", "")] * len(pks), model
    imported = Import.objects.filter(pk__in=begun[Import]).order_by("pk")
    assert [(run.project.name, run.rows_added, run.rows_rejected) for run in imported] == [
        ("Customers", 9, 0),
        ("Films", 4, 0),
        ("Dishes", 4, 0),
        ("Ages", 4, 0),
        ("Messages", 40, 0),
        ("Names", 2, 0),
    ]
    assert project_called("Messages").items.filter(external_id__startswith="later").count() == 40
    assert all(run.file.size for run in Export.objects.filter(pk__in=begun[Export]))
    renamed = Annotation.objects.answers().filter(project__name="Softrank").values_list("value", flat=True)
    assert {"labels": ["unwanted"]} in renamed
    assert {"labels": ["spam"]} not in renamed
    assert all(run.plot and run.points for run in Simulation.objects.filter(pk__in=begun[Simulation]))


def test_the_next_round_of_every_project_runs(worker: Worker) -> None:
    client, asked = client_of("lead"), {project.pk: project for project in Project.objects.all()}
    last = {row.project_id: row for row in Round.objects.exclude(settings={}).order_by("number")}
    sharded = Round.objects.get(sharded=True, status="running")
    client.patch(
        f"/api/v1/projects/{project_called('Bald').pk}/",
        {"settings": {"label_budget": 500}},
        content_type="application/json",
    )
    worker.sweep()  # rounds wait for imports
    for pk in asked:
        assert client.post(f"/api/v1/projects/{pk}/rounds/").status_code == 202
    worker.sweep()
    for pk, project in asked.items():
        newest = Round.objects.filter(project=pk).order_by("-number").first()
        assert (newest.status, newest.error) == ("done", ""), project.name
        assert newest.number > last[pk].number
        assert newest.published == project.queue.count() > 0, project.name
        then, now = ({name: row.settings.get(name) for name in ASKED_FOR} for row in (last[pk], newest))
        assert not differences(then, now), project.name
    assert not Round.objects.filter(status="running").exists()
    sharded.refresh_from_db()
    assert (sharded.status, sharded.error) == ("done", "")  # by the model that it left behind
    assert project_called("Margin").learner_state.failures == 0  # its last round had failed
    # a limit that is reached no longer takes its pause back; that of a lead stays
    assert list(Project.objects.exclude(paused_at=None).values_list("name", flat=True)) == ["Badge"]
