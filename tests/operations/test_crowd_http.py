"""Thirty-two people at once through the real web server: no item to two of them, no answer lost, no server error."""

from pathlib import Path

import pytest

from tests.operations.served import fresh_database, run_scenario, scenario_environment

pytestmark = pytest.mark.service


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_item_to_two_people_and_no_answer_lost(database: str, environment: dict[str, str], var: Path) -> None:
    with fresh_database(database, f"margin_crowd_{environment['MARGIN_PORT']}") as url:
        run_scenario("crowd", scenario_environment(environment, url, MARGIN_WEB_WORKERS="2"))
