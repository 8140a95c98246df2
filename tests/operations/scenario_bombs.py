"""Three bombs at once, each in a project of its own: people sign in and label on, and the files of others come in.

Arguments: how many answers to time, idle and then beside the bombs.
"""

import gzip
import http.client
import json
import statistics
import sys
import threading
import time
from typing import Any
from uuid import uuid4

from tests.operations import stage  # first: it sets Django up

from alproject import process_list  # isort: skip
from annotation.models import Import, JobStatus, Membership, Project, Role, User  # isort: skip
from annotation.projects.projects import create_project  # isort: skip
from tests.pictures import archive, picture  # isort: skip

PATIENCE = 300.0  # for a machine that is busy with other tests
ROWS = 2000  # of another lead's file
MAX_DELAY_SECONDS = 30.0  # of that file
MAX_SLOWDOWN, UNNOTICED_SECONDS = 2.0, 0.1  # of the median answer; what takes a tenth of a second seems instant
PASSWORD = "a long enough password"
UNPACKED_ROWS = 12_000_000


def labels_bomb() -> bytes:
    """Return an archive of images whose table unpacks to a thousand times its size."""
    table = gzip.compress(b"file,label\n" + b"1.png,a\n" * UNPACKED_ROWS)
    return archive({"1.png": picture("red"), "labels.csv": table})


def ratings_bomb() -> bytes:
    """Return an archive of ratings whose table of movies unpacks to a thousand times its size."""
    table = gzip.compress(b"movieId,title\n" + b"1,a\n" * UNPACKED_ROWS)
    return archive({"ratings.csv": b"userId,movieId,rating\n1,1,5\n", "movies.csv.gz": table})


def text_bomb() -> bytes:
    """Return a packed file of as many rows as may be in it, all the same."""
    return gzip.compress(b"text\n" + b"a\n" * UNPACKED_ROWS)


class Person:
    """Somebody who is signed in to the API, over a connection of their own."""

    def __init__(self, user: User) -> None:
        user.set_password(PASSWORD)
        user.save()
        self.user = user
        self._headers: dict[str, str] = {}
        host = stage.URL.removeprefix("http://")
        self._connection = http.client.HTTPConnection(host, timeout=PATIENCE)

    def call(self, method: str, path: str, body: object = None, *, raw: bytes = b"", kind: str = "") -> Any:
        """Return the answer to a call, which must not be an error."""
        data = raw or (b"" if body is None else json.dumps(body).encode())
        headers = self._headers | {"Content-Type": kind or "application/json"}
        self._connection.request(method, f"/api/v1/{path}", data, headers)
        response = self._connection.getresponse()
        answer = response.read()
        assert response.status < 400, (method, path, response.status, answer[:500])
        return json.loads(answer)

    def sign_in(self) -> float:
        """Return how many seconds it takes."""
        start = time.monotonic()
        answer = self.call("POST", "token/", {"username": self.user.username, "password": PASSWORD})
        self._headers = {"Authorization": f"Token {answer['token']}"}
        return time.monotonic() - start

    def disconnect(self) -> None:
        """Begin anew with the next call."""
        self._connection.close()

    def upload(self, project: Project, name: str, raw: bytes) -> int:
        """Start an import as guessed; return its number."""
        edge = uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + raw + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        answer = self.call("POST", f"projects/{project.pk}/imports/", raw=body, kind=kind)
        assert answer["status"] != "draft", answer
        return int(answer["id"])

    def bring(self, project: Project, raw: bytes) -> float:
        """Return how many seconds it takes until a file is in."""
        start = time.monotonic()
        run = self.upload(project, "a.csv", raw)
        path = f"projects/{project.pk}/imports/{run}/"
        stage.wait_until(lambda: self.call("GET", path)["status"] == "done", PATIENCE, "another lead's file")
        return time.monotonic() - start

    def label(self, project: Project, count: int) -> list[float]:
        """Answer so many items; return how many seconds each answer took."""
        seconds = []
        for _ in range(count):
            [assignment] = self.call("POST", f"projects/{project.pk}/next/", {"limit": 1})
            value = {"labels": ["ham"]}
            answer = {"uuid": str(uuid4()), "item": assignment["item"]["id"], "outcome": "label", "value": value}
            start = time.monotonic()
            self.call("POST", f"projects/{project.pk}/annotations/", answer)
            seconds.append(time.monotonic() - start)
        return seconds


def another_file(name: str) -> bytes:
    return "\n".join(["text", *(f"{name} {n}" for n in range(ROWS)), ""]).encode()


def bomber(number: int, task_type: str, labels: list[dict[str, str]]) -> tuple[Person, Project]:
    lead = User.objects.create_user(username=f"bomber{number}", password=None)
    return Person(lead), create_project(lead, f"Bombs {number}", task_type, labels)


def throw(person: Person, project: Project, name: str, raw: bytes) -> None:
    person.sign_in()
    person.upload(project, name, raw)


def main(count: int) -> None:
    labelled = stage.small_project(2 * count + 50)
    annotator = User.objects.create_user(username="annotator", password=None)
    Membership.objects.create(project=labelled, user=annotator, role=Role.ANNOTATOR)
    person, lead = Person(annotator), Person(User.objects.create_user(username="other", password=None))
    other = create_project(lead.user, "Other", "text_classification", [{"name": "a"}, {"name": "b"}])
    two = [{"name": "a"}, {"name": "b"}]
    thrown = [
        (*bomber(1, "image_classification", two), "a.zip", labels_bomb()),
        (*bomber(2, "ratings", []), "b.zip", ratings_bomb()),
        (*bomber(3, "text_classification", two), "c.csv.gz", text_bomb()),
    ]
    assert max(len(raw) for *_who, raw in thrown) < 1 << 20
    programs = [stage.private_redis_program(), process_list.web_program(), process_list.worker_program("default")]
    with stage.running(*programs, process_list.beat_program(stage.VAR)):
        stage.wait_until(lambda: is_up(person), PATIENCE, "the server")
        lead.sign_in()
        person.label(labelled, 5)
        idle = statistics.median(person.label(labelled, count))
        usual = lead.bring(other, another_file("usual"))
        threads = [threading.Thread(target=throw, args=bomb) for bomb in thrown]
        for thread in threads:
            thread.start()
        time.sleep(0.5)  # the uploads are under way, or in
        signing_in = person.sign_in()
        brought: list[float] = []
        bringing = threading.Thread(target=lambda: brought.append(lead.bring(other, another_file("beside"))))
        bringing.start()
        busy = statistics.median(person.label(labelled, count))
        for thread in (*threads, bringing):
            thread.join(PATIENCE)
        end_bombs()
    print(f"answer {idle * 1000:.0f} ms idle, {busy * 1000:.0f} ms beside bombs; sign-in {signing_in:.2f} s")
    print(f"another file {usual:.1f} s idle, {brought[0]:.1f} s beside bombs")
    assert busy <= max(MAX_SLOWDOWN * idle, UNNOTICED_SECONDS), (idle, busy)
    assert brought[0] <= usual + MAX_DELAY_SECONDS, (usual, brought)
    assert signing_in < 5.0


def is_up(person: Person) -> bool:
    try:
        person.sign_in()
    except (OSError, http.client.HTTPException):
        person.disconnect()
        return False
    return True


def end_bombs() -> None:
    """See that what cannot be held in memory has failed with a sentence, and that the rest can be cancelled."""
    bombs = Import.objects.filter(project__name__startswith="Bombs").order_by("project")
    for run in bombs.all():
        person = Person(run.created_by)
        person.sign_in()
        if run.project.task_type == "text_classification":
            person.call("POST", f"projects/{run.project_id}/imports/{run.pk}/cancel/")
    stage.wait_until(lambda: not bombs.unfinished().exists(), PATIENCE, "the bombs have ended")
    states = {run.project.task_type: (run.status, run.error) for run in bombs.all()}
    for kind in ("image_classification", "ratings"):
        assert states[kind][0] == JobStatus.FAILED, states
        assert "held in memory" in states[kind][1], states
    assert states["text_classification"][0] == JobStatus.CANCELLED, states
    assert len(states) == 3


if __name__ == "__main__":
    main(int(sys.argv[1]))
