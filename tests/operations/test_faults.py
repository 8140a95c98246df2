"""The worker dies in the middle of rounds: no answer is lost, no item goes to two people, the next round comes."""

from pathlib import Path

import pytest

from tests.operations.served import fresh_database, run_scenario, scenario_environment
from tests.scale import scaled

pytestmark = pytest.mark.service


KILLS = scaled(4)  # one of each: a message lost before, one lost after, one sent twice, and nothing else


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_rounds_survive_killed_workers(database: str, environment: dict[str, str], var: Path) -> None:
    with fresh_database(database, f"margin_faults_{environment['MARGIN_PORT']}") as url:
        short = {"MARGIN_STALE_SECONDS": "2", "MARGIN_SWEEP_SECONDS": "1"}
        run_scenario("faults", scenario_environment(environment, url, **short), str(KILLS), seconds=scaled(300))


def test_a_round_comes_after_the_workers_processes_died_alone(environment: dict[str, str], var: Path) -> None:
    """As when memory runs out; new processes that start slowly are waited for."""
    short = {"MARGIN_STALE_SECONDS": "2", "MARGIN_SWEEP_SECONDS": "1"}
    run_scenario("children", scenario_environment(environment, "", **short))
