"""Two workers score a large pool and one dies in the middle: the round comes all the same, and is the same."""

from pathlib import Path

import pytest

from tests.operations.served import run_scenario, scenario_environment

pytestmark = pytest.mark.service


def test_a_round_survives_a_worker_that_scored_for_it(environment: dict[str, str], var: Path) -> None:
    short = {"MARGIN_STALE_SECONDS": "3", "MARGIN_SWEEP_SECONDS": "1", "MARGIN_SHARD_ROWS": "16384"}
    run_scenario("shards", scenario_environment(environment, "", **short))
