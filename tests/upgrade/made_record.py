"""What an installation answers to all that can be asked. Runs with the code of the release that it is made with."""

from typing import Any

from asking import answer_of
from django.conf import settings
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from annotation.models import Export, Import, Invitation, Item, Project, User
from learner import bridge
from learner.models import Round, Simulation
from learner.store import FeatureStore

READERS = ("lead", "anna")


def everything() -> dict[str, Any]:
    """Return counts, answers to every address by reader, what models predict, and each project's next items."""
    clients = {name: _client(name) for name in READERS}
    addresses = [*_pages(), *_api()]
    return {
        "counts": {str(project.pk): _counts(project) for project in Project.objects.order_by("pk")},
        "tokens": dict(Token.objects.values_list("user__username", "key")),
        "invitation": reverse("invitation-accept", args=[Invitation.objects.get(revoked_at=None).token]),
        "answers": {
            name: {address: answer_of(client, address) for address in addresses} for name, client in clients.items()
        },
        "models": _models(),
        "next": {str(project.pk): _next(clients["anna"], project) for project in Project.objects.order_by("pk")},
    }


def _client(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def _counts(project: Project) -> dict[str, Any]:
    kinds = ("items", "annotations", "assignments", "queue", "rounds", "labels", "memberships", "imports", "exports")
    counts = {kind: getattr(project, kind).count() for kind in kinds}
    answers = project.annotations.filter(live=True, outcome="label").count()
    return {**counts, "item_count": project.item_count, "live_labels": answers, "settings": project.settings}


def _pages() -> list[str]:
    found = [reverse(name) for name in ("projects-index", "account-index", "project-create", "api-docs", "api-schema")]
    for project in Project.objects.order_by("pk"):
        names = ("project-settings", "members-index", "items-index", "annotate-index", "dashboard-index")
        found += [reverse(name, args=[project.pk]) for name in names]
        found += [reverse(name, args=[project.pk]) for name in ("imports-index", "exports-index", "simulations-index")]
        found += [reverse("items-show", args=[project.pk, pk]) for pk in _answered(project)]
    found += [reverse("import-show", args=[run.project_id, run.pk]) for run in Import.objects.order_by("pk")]
    return found + [
        reverse("simulation-show", args=[run.project_id, run.pk]) for run in Simulation.objects.order_by("pk")
    ]


def _api() -> list[str]:
    found = [reverse(name) for name in ("api-me", "api-my-token", "api-projects")]
    for project in Project.objects.order_by("pk"):
        names = ("project", "label-changes", "members", "invitations", "items", "annotations")
        names += ("imports", "exports", "progress", "rounds", "simulations")
        found += [reverse(f"api-{name}", args=[project.pk]) for name in names]
        found += [reverse("api-item", args=[project.pk, pk]) for pk in _answered(project)]
        if "image" in project.kind.required_content:
            found += [reverse("item-image", args=[project.pk, pk]) for pk in _answered(project)]
    for run in Import.objects.order_by("pk"):
        found += [reverse(f"api-{name}", args=[run.project_id, run.pk]) for name in ("import", "import-rejects")]
    for run in Export.objects.order_by("pk"):
        found += [reverse(f"api-{name}", args=[run.project_id, run.pk]) for name in ("export", "export-download")]
    for run in Simulation.objects.order_by("pk"):
        names = ("simulation", "simulation-plot", "simulation-points")
        found += [reverse(f"api-{name}", args=[run.project_id, run.pk]) for name in names]
    return found


def _answered(project: Project) -> list[int]:
    return list(Item.objects.filter(project=project).labelled().values_list("pk", flat=True)[:1])


def _models() -> dict[str, Any]:
    """Return what every model in the store says of the first items, by project and round."""
    store, found = FeatureStore(settings.STORE_ROOT), {}
    for done in Round.objects.exclude(status="failed").order_by("project_id", "number"):
        model = store.load_model(done.project_id, done.number)
        if model is None or store.version(done.project_id) != model.features:
            continue
        read = bridge.read_by_models(done.project, store.open(done.project_id))
        said = [str(label) for label in model.predict(read)]
        found[f"{done.project_id}/{done.number}"] = {"kind": model.kind, "said": said[:60]}
    return found


def _next(client: Client, project: Project) -> Any:
    address = reverse("api-next", args=[project.pk])
    rows = client.post(address, {"n": 4}, content_type="application/json").json()
    if not project.queue.exists():
        return len(rows)  # at random
    return [{name: value for name, value in row.items() if name != "assignment"} for row in rows]
