"""Files that unpack to far more than they are, three at once: people label on, and other projects' files come in."""

from pathlib import Path

import pytest

from tests.operations.served import fresh_database, run_scenario, scenario_environment
from tests.scale import scaled

pytestmark = pytest.mark.service


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_three_bombs_delay_nobody(database: str, environment: dict[str, str], var: Path) -> None:
    with fresh_database(database, f"margin_bombs_{environment['MARGIN_PORT']}") as url:
        run_scenario(
            "bombs", scenario_environment(environment, url, MARGIN_WEB_WORKERS="2"), str(scaled(20)), seconds=900
        )
