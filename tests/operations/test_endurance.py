"""The broker is restarted or hangs, workers die or stand still, disks fill: people label on, and models come again."""

from pathlib import Path

import pytest

from tests.operations.served import fresh_database, run_scenario, scenario_environment
from tests.scale import SCALE, scaled

pytestmark = pytest.mark.service

HANG_SECONDS = 5 if SCALE == 1 else 70
ROUNDS = 1 if SCALE == 1 else 3
FAULTS = (
    ["restart", "hang", "kill"]
    if SCALE == 1
    else ["restart"] * 4 + ["hang", "kill", "disk", "store", "beats", "zombies"]
)
SHORT = {"MARGIN_SWEEP_SECONDS": "2", "MARGIN_STALE_SECONDS": "6"}


@pytest.mark.full
def test_labelling_outlives_faults(environment: dict[str, str], var: Path) -> None:
    endure(environment, "sqlite", people=min(16, scaled(8)))


@pytest.mark.full
@pytest.mark.parametrize(("database", "people"), [("sqlite", 32), ("postgres", 16), ("postgres", 32)])
def test_labelling_outlives_faults_everywhere(
    database: str, people: int, environment: dict[str, str], var: Path
) -> None:
    endure(environment, database, people)


def endure(environment: dict[str, str], database: str, people: int) -> None:
    with fresh_database(database, f"margin_endurance_{environment['MARGIN_PORT']}") as url:
        inside = scenario_environment(environment, url, MARGIN_WEB_WORKERS="2", **SHORT)
        numbers = (str(number) for number in (ROUNDS, people, HANG_SECONDS))
        run_scenario("endurance", inside, *numbers, *FAULTS, seconds=scaled(900))
