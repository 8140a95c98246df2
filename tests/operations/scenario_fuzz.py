"""Hostile calls at every list, body and file door of the real web server, by everybody at once, for some seconds.

No answer is a 5xx, none takes over ten seconds longer than the slowest look at /healthz, and the web server's memory
stays under 600 MB. Prints the figures as JSON.
"""

import collections
import http.client
import json
import sys
import threading
import time
from typing import Any

import psutil

from tests.operations import stage

stage.django.setup()

from annotation.models import Export, Import, Invitation, Item, Membership, Role, User  # noqa: E402
from tests.operations.hostile_requests import Call, HostileCalls  # noqa: E402

CALLERS = ("admin", "lead", "annotator", "anonymous")
MAX_SECONDS = 10.0
MAX_MEGABYTES = 600
PASSWORD = "a-long-fuzz-password"


class Figures:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.statuses: collections.Counter[int] = collections.Counter()
        self.failures: list[str] = []
        self.slowest, self.slowest_call, self.slowest_health, self.megabytes = 0.0, "", 0.0, 0.0

    def add(self, call: Call, status: int, seconds: float, body: bytes) -> None:
        with self.lock:
            self.statuses[status] += 1
            if seconds > self.slowest:
                self.slowest, self.slowest_call = seconds, f"{call.method} {call.path[:200]}"
            if status >= 500 or status == 0:
                self.failures.append(
                    f"{status} {call.method} {call.path[:300]} {call.media_type[:60]} {call.body[:300]!r}"
                )


def ask(call: Call, token: str) -> tuple[int, bytes]:
    """Return status and body; 0 where no answer comes."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    if call.media_type:
        headers["Content-Type"] = call.media_type
    host, port = stage.URL.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    try:
        connection.request(call.method, call.path, call.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error).encode()
    finally:
        connection.close()


def token_of(name: str) -> str:
    body = json.dumps({"username": name, "password": PASSWORD}).encode()
    status, answer = ask(Call("POST", "/api/v1/token/", body, "application/json"), "")
    assert status == 200, answer
    return str(json.loads(answer)["token"])


def people_and_places() -> dict[str, Any]:
    """Make a project with one of everything; return what addresses name."""
    project = stage.small_project(60)
    for name, extra in (("lead", {}), ("annotator", {}), ("admin", {"is_superuser": True, "is_staff": True})):
        user, _made = User.objects.get_or_create(username=name, defaults=extra)
        user.set_password(PASSWORD)
        user.save()
    annotator = User.objects.get(username="annotator")
    member = Membership.objects.create(project=project, user=annotator, role=Role.ANNOTATOR)
    lead = User.objects.get(username="lead")
    return {
        "id": project.pk,
        "item": Item.objects.earliest("pk").pk,
        "member": member.pk,
        "invitation": Invitation.objects.create(project=project, created_by=lead).pk,
        "run": Import.objects.create(project=project, created_by=lead, status="draft", format="csv").pk,
        "uuid": "6f1f2d0e-4d0c-4d8e-9a53-0d8f3f4b8a11",
        "export": Export.objects.create(project=project, format="csv").pk,
    }


def attack(calls: HostileCalls, token: str, deadline: float, figures: Figures) -> None:
    while time.monotonic() < deadline:
        call = calls.next()
        started = time.monotonic()
        status, body = ask(call, token)
        figures.add(call, status, time.monotonic() - started, body)


def watch(web: Any, deadline: float, figures: Figures) -> None:
    """Look at memory and at /healthz once a second."""
    while time.monotonic() < deadline:
        started = time.monotonic()
        ask(Call("GET", "/healthz", b"", ""), "")
        figures.slowest_health = max(figures.slowest_health, time.monotonic() - started)
        figures.megabytes = max(figures.megabytes, _megabytes(web.pid))
        time.sleep(1)


def _megabytes(pid: int) -> float:
    """Return the memory of a process and its children, pages that they share counted once."""
    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        try:
            total += process.memory_full_info().pss / 1e6
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    seconds = float(sys.argv[1])
    places = people_and_places()
    figures = Figures()
    with stage.running(stage.private_redis_program(), stage.process_list.web_program()) as programs:
        stage.wait_until(lambda: ask(Call("GET", "/healthz", b"", ""), "")[0] == 200, 120, "the web server")
        tokens = {name: token_of(name) if name != "anonymous" else "" for name in CALLERS}
        status, document = ask(Call("GET", "/api/schema/?format=json", b"", ""), tokens["admin"])
        assert status == 200, document
        deadline = time.monotonic() + seconds
        threads = [
            threading.Thread(
                target=attack, args=(HostileCalls(json.loads(document), places, n), tokens[name], deadline, figures)
            )
            for n, name in enumerate(CALLERS)
        ]
        threads.append(threading.Thread(target=watch, args=(programs["web"], deadline, figures)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    report = {
        "calls": sum(figures.statuses.values()),
        "statuses": dict(sorted(figures.statuses.items())),
        "slowest_seconds": round(figures.slowest, 2),
        "slowest_call": figures.slowest_call,
        "slowest_healthz_seconds": round(figures.slowest_health, 2),
        "web_megabytes": round(figures.megabytes),
    }
    print(json.dumps(report, indent=1))
    assert not figures.failures, "\n".join(figures.failures[:20])
    assert figures.slowest < MAX_SECONDS + figures.slowest_health, report
    assert figures.megabytes < MAX_MEGABYTES, report


if __name__ == "__main__":
    main()
