"""The real web server without its database: 503 as documented, and it recovers nothing by dying."""

import http.client
import json
from pathlib import Path

import pytest

from alproject import process_list
from alproject.supervisor import Supervisor
from tests.operations.conftest import ROOT, wait_until

pytestmark = pytest.mark.service


def ask(port: int, path: str, **headers: str) -> tuple[int, str, str]:
    """Return status, Retry-After and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Retry-After") or "", answer.read().decode()
    except OSError:
        return 0, "", ""
    finally:
        connection.close()


def test_503_while_nobody_listens_where_the_database_should_be(
    environment: dict[str, str], var: Path, free_port: int
) -> None:
    environment |= {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    with Supervisor(env=environment, directory=ROOT, logs=var / "log") as supervisor:
        supervisor.start(process_list.web_program())
        wait_until(lambda: ask(free_port, "/healthz")[0] == 200, 60, "the web server")
        for _ in range(3):
            status, retry, body = ask(free_port, "/api/v1/me/", Authorization="Token abc")
            assert (status, bool(retry)) == (503, True)
            assert json.loads(body)["error"]["code"] == "unavailable"
            status, retry, body = ask(free_port, "/", Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345")
            assert (status, bool(retry)) == (503, True)
            assert "<html" in body
