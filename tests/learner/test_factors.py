"""Vectors of users and things foretell ratings, know what they do not know, and come back from disk."""

import numpy as np
import pytest

from annotation.tasktypes import TASK_TYPES
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.estimators import load_saved_model
from learner.engine.estimators.recommendation import matrix_factorization
from learner.engine.estimators.recommendation.user_item_pairs import product_attributes, user_attributes
from learner.engine.evaluation.task_metrics import evaluate_ratings, rating_point_estimates
from learner.engine.loop.iteration import run_iteration
from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams
from learner.engine.query_strategies.cold_start_users import FIRST_QUESTIONS, popularity_times_entropy
from learner.engine.task_profiles import TASK_PROFILES, user_and_product

LEARNER = TASK_PROFILES["ratings"]
USERS, THINGS = 60, 50


def tastes(seed=0):
    """Users like one of two genres; some things are better than others, and some users kinder."""
    rng = np.random.default_rng(seed)
    likes, kind = rng.choice([-1, 1], USERS), rng.normal(0, 0.3, USERS)
    genre, good = rng.choice([-1, 1], THINGS), rng.normal(0, 0.5, THINGS)
    rating = 3 + kind[:, None] + good + 0.8 * likes[:, None] * genre + rng.normal(0, 0.3, (USERS, THINGS))
    u, t = (places.ravel() for places in np.indices(rating.shape))
    scores = np.clip(np.round(2 * rating.ravel()) / 2, 0.5, 5)
    contents = np.empty(len(u), object)
    for n, (user, thing) in enumerate(zip(u, t, strict=True)):
        name = "Drama|Old" if genre[thing] > 0 else "Horror"
        contents[n] = {"user": f"u{user}", "thing": f"t{thing}", "genres": name, "user.group": f"g{likes[user]}"}
    return contents, scores, u, t


@pytest.fixture(scope="module")
def data():
    contents, scores, u, t = tastes()
    known = np.random.default_rng(1).random(len(u)) < 0.3
    known &= (u > 0) & (t > 0)  # the first user and the first thing are new
    labels = np.array([f"{score:g}" for score in scores])
    return contents, scores, labels, u, t, known


@pytest.fixture(scope="module")
def model(data):
    contents, _, labels, _, _, known = data
    return matrix_factorization.fit(contents[known], labels[known], 1)


def rmse(model, contents, scores):
    return np.sqrt(((model.expected_ratings(contents) - scores) ** 2).mean())


def test_it_foretells_ratings_far_better_than_the_mean(data, model):
    contents, scores, _, u, t, known = data
    held = ~known & (u > 0) & (t > 0)
    assert scores[held].std() > 1.0
    assert rmse(model, contents[held], scores[held]) < 0.5


def test_attributes_tell_of_things_that_nobody_has_rated(data, model):
    contents, scores, _, u, t, _ = data
    new = (t == 0) & (u > 0)
    plain = [{"user": one["user"], "thing": one["thing"]} for one in contents[new]]
    assert rmse(model, contents[new], scores[new]) < 0.9 * rmse(model, np.array(plain, object), scores[new])


def test_a_prediction_is_a_rating_of_the_scale_with_how_probable_it_is(data, model):
    contents, _, labels, _, _, known = data
    rows = np.flatnonzero(~known)[:300]
    predicted = model.predict_with_confidence(contents, rows)
    assert set(predicted.value) <= set(labels)
    right = predicted.value == labels[rows]
    assert abs(right.mean() - predicted.confidence.mean()) < 0.1
    assert model.predict(contents, rows).tolist() == predicted.value.tolist()


def test_a_new_user_is_more_uncertain_than_a_known_one(data, model):
    contents, _, _, u, t, known = data
    uncertainty = model.uncertainty(contents)
    assert uncertainty.shape == (len(contents),)
    assert 0 <= uncertainty.min() <= uncertainty.max() <= 1
    assert uncertainty[(u == 0) & (t > 0)].mean() > 2 * uncertainty[~known & (u > 0) & (t > 0)].mean()
    rows = np.array([7, 3, 2011])
    np.testing.assert_allclose(model.uncertainty(contents, rows), uncertainty[rows], rtol=1e-5)


def test_a_few_answers_teach_it_a_new_user(data, model):
    contents, scores, labels, u, t, known = data
    bank = np.flatnonzero((u == 0) & (t > 0))
    asked = bank[np.argsort(-model.uncertainty(contents, bank))[:6]]
    rest = np.setdiff1d(bank, asked)
    train = np.concatenate([np.flatnonzero(known), asked])
    taught = matrix_factorization.fit(contents[train], labels[train], 1)
    assert rmse(taught, contents[rest], scores[rest]) < rmse(model, contents[rest], scores[rest])


def test_it_comes_back_from_disk_the_same(data, model, tmp_path):
    contents = data[0]
    model.tag_features("v1").save(tmp_path)
    again = load_saved_model(tmp_path)
    assert again.features == "v1"
    np.testing.assert_array_equal(again.uncertainty(contents), model.uncertainty(contents))
    np.testing.assert_array_equal(again.predict(contents), model.predict(contents))


def test_the_same_answers_make_the_same_model(data, model):
    contents, _, labels, _, _, known = data
    again = matrix_factorization.fit(contents[known], labels[known], 1)
    np.testing.assert_array_equal(again.uncertainty(contents), model.uncertainty(contents))


def test_two_answers_about_one_pair_are_enough_to_begin():
    contents = np.array([{"user": "a", "thing": "x"}, {"user": "a", "thing": "x"}], object)
    model = matrix_factorization.fit(contents, np.array(["1", "4"]), 0)
    assert 1 <= model.expected_ratings(contents)[0] <= 4
    assert np.isfinite(model.uncertainty(np.array([{"user": "b", "thing": "y", "genres": None}], object))).all()


@pytest.mark.parametrize("strategy", LEARNER.answers.strategies)
def test_a_turn_ranks_pairs_by_every_strategy(data, strategy):
    contents, _, labels = data[:3]
    rng, n = np.random.default_rng(0), len(contents)
    order = rng.permutation(n)
    rows, test = order[:300], order[300:400]
    available = np.ones(n, bool)
    available[order[:400]] = False
    inp = IterationInput(
        features=rng.normal(size=(n, 8)).astype(np.float32),
        train_rows=rows,
        train_labels=labels[rows],
        control_rows=rows[:80],
        control_labels=labels[rows[:80]],
        available=available,
        random_rows=order[400:],
        test_rows=test,
        open_test_rows=test[:0],
        seed=1,
        round_number=2,
        contents=contents,
    )
    result = run_iteration(inp, IterationSettings(strategy=strategy, estimator="factors", depth=30))
    assert len(result.choices) > 20
    assert all(available[choice.row] for choice in result.choices)
    assert {choice.label for choice in result.choices} <= set(labels)


def test_attributes_of_both_sides_are_told_apart():
    content = user_and_product(
        {"user": "7", "thing": "31", "fields": {"genres": "Drama| War", "user.job": "nurse", "year": 1995}}
    )
    assert product_attributes(content) == {"genres=Drama", "genres=War", "year=1995"}
    assert user_attributes(content) == {"user.job=nurse"}


def test_numbers_are_judged_by_how_far_they_are_off():
    kind = TASK_TYPES["ratings"]
    truth, said = ["1", "2", "3", "4"] * 20, ["1", "2", "3", "3"] * 20
    judged = evaluate_ratings(kind, truth, said)
    explained, off = judged.estimates["explained"], judged.estimates["rmse"]
    assert explained.value == pytest.approx(1 - 0.25 / 1.25)
    assert explained.low < explained.value < explained.high
    assert off.value == pytest.approx(0.5)
    assert judged.estimates["mae"].value == pytest.approx(0.25)
    assert judged.estimates["accuracy"].value == 0.75
    assert off.n == 80
    assert judged.confusion is not None
    assert judged.labels == ["1", "2", "3", "4"]
    assert rating_point_estimates(kind, truth, said)["rmse"] == pytest.approx(0.5)
    assert evaluate_ratings(kind, truth, ["2.5"] * 80).estimates["explained"].value == 0
    assert {one.key for one in LEARNER.answers.metrics} | {"accuracy"} == set(judged.estimates)
    assert evaluate_ratings(kind, [], []).estimates["rmse"].n == 0


# Questions for new users


def asked(ratings, questions, n=20):
    """Return the questions (user, thing) in the order asked, after ratings (user, thing, place on the scale)."""
    pairs = [(user, thing) for user, thing, _ in ratings] + questions
    contents = np.empty(len(pairs), object)
    contents[:] = [{"user": user, "thing": thing} for user, thing in pairs]
    pool = Pool(
        features=np.eye(len(pairs), dtype=np.float32),
        available=np.arange(len(pairs)) >= len(ratings),
        uncertainty=np.full(len(pairs), 0.2, np.float32),
        labelled_rows=np.arange(len(ratings)),
        labelled_classes=np.array([place for *_, place in ratings], np.intp),
        contents=contents,
    )
    return [pairs[row] for row in STRATEGIES["new_users"](pool, n, QueryParams(1, 1)).rows]


OLD = [
    *((f"u{n}", "disputed", n % 4) for n in range(8)),
    *((f"u{n}", "liked", 3) for n in range(8)),
    *((f"u{n}", "rare", n) for n in range(2)),
    *((f"u{n}", f"own {n} {k}", 0) for n in range(8) for k in range(FIRST_QUESTIONS)),
]


def test_new_users_are_asked_about_what_many_know_and_few_agree_on():
    questions = [(new, thing) for new in ("ann", "bob") for thing in ("liked", "rare", "disputed")]
    order = asked(OLD, [("u3", "rare"), *questions])
    assert {*order[:2]} == {("ann", "disputed"), ("bob", "disputed")}, "nobody's second question before a first one"
    assert {*order[2:4]} == {("ann", "rare"), ("bob", "rare")}
    assert order[-1] == ("u3", "rare"), "who has rated enough comes by doubt"


def test_after_a_few_ratings_doubt_decides():
    few = [("ann", f"own {k}", 1) for k in range(FIRST_QUESTIONS - 1)]
    questions = [("ann", thing) for thing in ("liked", "disputed", "rare")]
    assert asked(OLD + few, questions, 1) == [("ann", "disputed")]
    enough = [*few, ("ann", "one more", 1)]
    pool = [("bob", "liked"), *questions]
    assert asked(OLD + enough, pool)[0] == ("bob", "liked"), "only bob is new now"


def test_things_are_valued_by_how_many_rated_them_and_how_differently():
    things, ratings = np.array([0, 0, 1, 1, 2, 3, 3, 3, 3]), np.array([0, 1, 1, 1, 0, 0, 0, 1, -1])
    value = popularity_times_entropy(things, ratings, 5)
    assert value[3] == 1 > value[0] > value[1] == value[2] == value[4] == 0
    assert popularity_times_entropy(things[:0], None, 2).tolist() == [0, 0]


def test_a_project_of_ratings_may_ask_new_users_first(data):
    contents, _, labels, u, _, known = data
    known = known & (u > 1)
    train = np.flatnonzero(known)
    n = len(contents)
    given = IterationInput(
        features=np.zeros((n, 4), np.float32),
        train_rows=train,
        train_labels=labels[train],
        control_rows=train[:0],
        control_labels=labels[:0],
        available=~known,
        random_rows=np.empty(0, np.intp),
        test_rows=np.empty(0, np.intp),
        open_test_rows=np.empty(0, np.intp),
        seed=1,
        round_number=2,
        contents=contents,
    )
    settings = IterationSettings(strategy="new_users", estimator="factors", depth=10, random_share=0.0, test_share=0.0)
    result = run_iteration(given, settings)
    assert "new_users" in LEARNER.answers.strategies
    assert sorted(u[[choice.row for choice in result.choices]]) == [0] * FIRST_QUESTIONS + [1] * FIRST_QUESTIONS
    assert {choice.reason for choice in result.choices} == {"uncertain"}
