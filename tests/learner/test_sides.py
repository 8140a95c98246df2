"""Preferences are learnt from what two things differ in."""

from pathlib import Path

import numpy as np
import pytest

from learner.engine.estimators import ESTIMATORS
from learner.engine.features.pairwise_difference import PairTransformer, PairwiseDifferenceFeatures
from learner.engine.task_profiles import TASK_PROFILES

GENRES = ("Drama", "Horror", "War")
WORTH = {"Drama": 2.0, "War": 1.0, "Horror": 0.0}


def contents(n: int) -> list[dict[str, object]]:
    """Return pairs of films of one genre or two, and of the year."""
    rng = np.random.default_rng(0)
    return [
        {
            **{side: f"m{rng.integers(500)}" for side in ("left", "right")},
            "fields": {
                f"{side}.{name}": cell
                for side in ("left", "right")
                for name, cell in (
                    ("genres", "|".join(rng.choice(GENRES, rng.integers(1, 3), replace=False))),
                    ("year", str(1950 + rng.integers(70))),
                )
            },
        }
        for _ in range(n)
    ]


def material(found: list[dict[str, object]]) -> list[dict[str, object]]:
    return [dict(TASK_PROFILES["preference"].content.material(content)) for content in found]


def swapped(row: dict[str, object]) -> dict[str, object]:
    """Return the same pair with its sides in the other places."""
    other = {"left": "right", "right": "left"}
    parts = {name: name.partition(".") for name in row}
    return {other.get(side, side) + dot + rest: row[name] for name, (side, dot, rest) in parts.items()}


def preferred(row: dict[str, object]) -> str:
    """Return the side of the higher mean worth."""
    worth = {
        side: np.mean([WORTH[name] for name in str(row[f"{side}.genres"]).split("|")]) for side in ("left", "right")
    }
    return "same" if worth["left"] == worth["right"] else max(worth, key=lambda side: worth[side])


def test_sides_that_change_places_change_every_sign() -> None:
    rows = material(contents(80))
    made = PairwiseDifferenceFeatures().fit(rows, 0)
    features = made.transform(rows)
    assert features.shape == (80, made.dimensions)
    assert features.any()
    np.testing.assert_array_equal(made.transform([swapped(row) for row in rows]), -features)


def test_a_column_is_the_same_on_both_sides() -> None:
    rows = [{"left.n": str(n), "right.n": str(9 - n)} for n in range(10)]
    differences = PairwiseDifferenceFeatures().fit(rows, 0).transform(rows)[:, 0]
    np.testing.assert_allclose(np.diff(differences), np.diff(differences)[0], rtol=1e-5)
    assert PairwiseDifferenceFeatures().fit(rows, 0).transform([{"left.n": "4", "right.n": "4"}]).tolist() == [[0]]


def test_what_tells_about_both_stands_as_it_is() -> None:
    rows = [{"left.n": str(n), "right.n": str(n * n), "user": ("anna", "ben")[n % 2]} for n in range(10)]
    features = PairwiseDifferenceFeatures().fit(rows, 0).transform(rows)
    assert features[:2, 1:].tolist() == [[1, 0, 0], [0, 1, 0]]


def test_it_goes_to_disk_and_comes_back(tmp_path: Path) -> None:
    rows = [{**row, "user": f"u{n % 3}"} for n, row in enumerate(material(contents(60)))]
    made = PairwiseDifferenceFeatures().fit(rows, 0)
    made.save(tmp_path)
    again = PairwiseDifferenceFeatures().load(tmp_path)
    assert again == made
    assert isinstance(again, PairTransformer)
    np.testing.assert_array_equal(again.transform(rows), made.transform(rows))


def test_nothing_known_is_one_column_of_zeros() -> None:
    made = PairwiseDifferenceFeatures().fit([{}, {}], 0)
    assert made.dimensions == 1
    assert not made.transform([{}, {"left.new": "1"}]).any()


@pytest.mark.parametrize("estimator", ["logistic", "boosting"])
def test_what_is_learnt_holds_for_the_other_order_too(estimator: str) -> None:
    rows = material(contents(600))
    labels = np.array([preferred(row) for row in rows])
    made = PairwiseDifferenceFeatures().fit(rows, 0)
    model = ESTIMATORS[estimator](made.transform(rows[:400]), labels[:400], 0)
    other = [swapped(row) for row in rows[400:]]
    assert np.mean(model.predict(made.transform(other)) == [preferred(row) for row in other]) > 0.85
