"""Real workers: a file that kills its worker is given up after some attempts; a job is cancelled while it runs."""

from pathlib import Path

import pytest

from tests.operations.served import fresh_database, run_scenario, scenario_environment

pytestmark = pytest.mark.service


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_deadly_and_cancelled_jobs(database: str, environment: dict[str, str], var: Path) -> None:
    with fresh_database(database, f"margin_jobs_{environment['MARGIN_PORT']}") as url:
        short = {"MARGIN_STALE_SECONDS": "2", "MARGIN_SWEEP_SECONDS": "1"}
        run_scenario("jobs", scenario_environment(environment, url, **short))
