"""Whatever people send to the real web server, it answers, soon, and with no fault of its own."""

from pathlib import Path

import pytest

from tests.operations.served import run_scenario, scenario_environment
from tests.scale import SCALE

pytestmark = pytest.mark.service
FUZZ_SECONDS = 10 if SCALE == 1 else 600


def test_hostile_calls_are_answered(environment: dict[str, str], var: Path) -> None:
    settings = scenario_environment(environment, "", MARGIN_WEB_WORKERS="2")
    run_scenario("fuzz", settings, str(FUZZ_SECONDS), seconds=300 + FUZZ_SECONDS)
