"""Screening: the ranking, the topic, the metrics, the bound of recall, and replays as other software makes them."""

import io
from dataclasses import replace

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from scipy.sparse import csr_matrix

from learner.engine.contracts.iteration import IterationSettings
from learner.engine.contracts.query_strategy import Pool, QueryParams, Topic
from learner.engine.query_strategies import STRATEGIES
from learner.engine.screening import metrics, recall
from learner.engine.screening.ranking import KnownRecords, ScreeningColumns, rank_unread
from learner.engine.screening.topic import topic_of_sentence
from learner.engine.simulation.screening_replay import Prior, ScreeningData, draw_prior, replay_screening
from learner.engine.simulation.screening_report import render_recall_png, screening_points_csv, screening_report_lines
from learner.engine.statistics.hypergeometric import hypergeometric_cdf, log_factorials, max_marked

PARAMS = QueryParams(seed=1, round_number=1)


def records(n: int = 300, relevant: int = 30, seed: int = 0) -> tuple[ScreeningColumns, np.ndarray]:
    """Dense columns in which two thirds of the relevant records lie apart, and terms by which the others are known."""
    rng = np.random.default_rng(seed)
    is_relevant = np.zeros(n, bool)
    is_relevant[rng.permutation(n)[:relevant]] = True
    dense = rng.standard_normal((n, 8)).astype(np.float32)
    dense[np.flatnonzero(is_relevant)[: 2 * relevant // 3], 0] += 4
    terms = (rng.random((n, 60)) < 0.1).astype(np.float32)
    terms[is_relevant, 0] = rng.random(relevant) < 0.8
    terms[~is_relevant, 0] = 0
    return ScreeningColumns(dense, csr_matrix(terms)), is_relevant


def known(is_relevant: np.ndarray, count: int = 60) -> tuple[KnownRecords, np.ndarray]:
    """The first records, and which are unread."""
    return KnownRecords(np.arange(count), is_relevant[:count]), np.arange(count, len(is_relevant))


def mean_rank(scores: np.ndarray, is_relevant: np.ndarray) -> float:
    """Mean rank of the relevant as a share, the best 0."""
    return float(np.flatnonzero(is_relevant[np.argsort(-scores, kind="stable")]).mean() / len(scores))


def test_both_machines_find_more_than_either_alone():
    columns, is_relevant = records()
    labelled, unread = known(is_relevant)
    both = rank_unread(columns, labelled, unread)
    alone = rank_unread(replace(columns, terms=None), labelled, unread)
    assert both.shape == unread.shape
    assert both.dtype == np.float32
    assert both.min() > 0
    assert both.max() <= 1
    assert mean_rank(both, is_relevant[unread]) < mean_rank(alone, is_relevant[unread]) < 0.3


def test_the_scale_of_scores_does_not_depend_on_what_else_is_unread():
    columns, is_relevant = records()
    labelled, unread = known(is_relevant)
    few = rank_unread(columns, labelled, unread[::7])
    whole = rank_unread(columns, labelled, unread)[::7]
    assert np.corrcoef(few, whole)[0, 1] > 0.95


def test_with_relevant_records_alone_it_goes_by_nearness_to_them():
    columns, is_relevant = records()
    labelled = KnownRecords(np.flatnonzero(is_relevant)[:1], np.array([True]))
    unread = np.setdiff1d(np.arange(len(is_relevant)), labelled.rows)
    scores = rank_unread(columns, labelled, unread)
    unit = columns.dense / np.linalg.norm(columns.dense, axis=1, keepdims=True)
    np.testing.assert_allclose(scores, unit[unread] @ unit[labelled.rows[0]], atol=1e-5)


def test_a_topic_is_a_relevant_record_of_its_own():
    columns, is_relevant = records()
    topic = Topic(np.eye(1, 8, dtype=np.float32) * 4, csr_matrix(np.eye(1, 60, dtype=np.float32)))
    nothing = KnownRecords(np.empty(0, np.intp), np.empty(0, bool))
    everything = np.arange(len(is_relevant))
    assert mean_rank(rank_unread(columns, nothing, everything, topic), is_relevant) < 0.3
    only_others = KnownRecords(np.flatnonzero(~is_relevant)[:5], np.zeros(5, bool))
    unread = np.setdiff1d(everything, only_others.rows)
    assert mean_rank(rank_unread(columns, only_others, unread, topic), is_relevant[unread]) < 0.25
    assert not rank_unread(columns, only_others, unread).any()  # nothing relevant is known


def test_nothing_unread_has_no_scores():
    columns, is_relevant = records()
    assert rank_unread(columns, known(is_relevant)[0], np.empty(0, np.intp)).shape == (0,)


def test_a_topic_is_read_as_the_records_are():
    class Letters:
        def transform(self, texts):
            return np.array([[text.count("a"), text.count("b")] for text in texts], np.float32)

    topic = topic_of_sentence("abba", Letters())
    assert topic is not None
    assert topic.dense.tolist() == [[2, 2]]
    assert topic.terms is None
    assert topic_of_sentence("  ", Letters()) is None


def test_the_strategy_ranks_without_a_model_and_spreads_where_nothing_is_known():
    columns, is_relevant = records()
    labelled, unread = known(is_relevant)
    available = np.ones(len(is_relevant), bool)
    available[labelled.rows] = False
    pool = Pool(
        columns.dense,
        available,
        labelled_rows=labelled.rows,
        labelled_relevance=labelled.is_relevant,
        terms=columns.terms,
    )
    picks = STRATEGIES["screening"](pool, 20, PARAMS)
    assert picks.reason == "search"
    assert is_relevant[picks.rows].mean() > 0.5
    assert np.all(np.diff(picks.scores) <= 0)
    assert not set(picks.rows) - set(unread)
    nothing = replace(pool, labelled_relevance=np.zeros(len(labelled.rows), bool))
    assert STRATEGIES["screening"](nothing, 20, PARAMS).reason == "cold"


# Metrics


def test_the_metrics_are_those_of_asreview():
    """By hand, and for a longer order as asreview 2.2 and asreview-insights 1.6.1 gave them."""
    order = np.array([True, False, True, False, False])
    assert metrics.screening_loss(order) == pytest.approx(1 / 6)  # one of six pairs is the wrong way round
    assert metrics.recall_curve(order).tolist() == [0.5, 0.5, 1, 1, 1]
    assert metrics.recall_at_share(order, 0.4) == 0.5
    assert metrics.recall_at_share(order, 0.1) == 0
    assert metrics.average_time_to_discovery(order) == 2
    assert metrics.records_to_recall(order, 0.95) == 3
    assert metrics.work_saved_over_sampling(order) == pytest.approx(2 / 5 - 0.05)
    long = np.random.default_rng(5).random(400) < np.linspace(0.5, 0.01, 400)
    assert metrics.screening_loss(long) == pytest.approx(0.30282485875706217)
    assert metrics.work_saved_over_random_order(long) == pytest.approx(0.16)
    assert metrics.average_time_to_discovery(long) == pytest.approx(142.33333333333334)
    with pytest.raises(ValueError, match="relevant and irrelevant"):
        metrics.screening_loss(np.ones(3, bool))


# Recall


def test_the_limit_of_the_urn_is_the_largest_that_is_not_improbable():
    factorials = log_factorials(50)
    most = max_marked(1, 50, 20, 0.05, factorials)
    assert hypergeometric_cdf(1, 50, most, 20, factorials) > 0.05
    assert hypergeometric_cdf(1, 50, most + 1, 20, factorials) <= 0.05
    assert max_marked(20, 50, 20, 0.05, factorials) == 50  # all drawn are marked: all may be
    assert max_marked(3, 50, 50, 0.05, factorials) == 3  # the urn is empty


def test_the_bound_counts_every_unread_record():
    order = np.zeros(200, bool)
    order[:20] = True
    few, many = recall.estimate_recall(order, 100), recall.estimate_recall(order, 2000)
    assert few.recall_lower_bound > many.recall_lower_bound > 0
    assert few.max_relevant_unread <= 100
    assert many.found == 20
    assert many.read == 200
    assert many.unread == 2000
    whole = recall.estimate_recall(order, 0)
    assert whole.recall_lower_bound == whole.recall == 1


def test_nothing_found_has_no_recall():
    for order in (np.zeros(0, bool), np.zeros(50, bool)):
        estimate = recall.estimate_recall(order, 100)
        assert estimate.recall is None
        assert estimate.recall_lower_bound == 0


def test_the_bound_holds_in_random_order_at_a_moment():
    """The assumption at its limit: the order is no better than random. Moments are chosen, so a little is lost."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(60):
        order = rng.permutation(np.arange(300) < 30)
        estimate = recall.estimate_recall(order[:150], 150)
        held += estimate.recall_lower_bound <= order[:150].sum() / 30
    assert held >= 50


def test_the_bound_grows_while_nothing_more_is_found():
    order = np.zeros(900, bool)
    order[:60:2] = True
    bounds = [recall.estimate_recall(order[:read], 1000 - read).recall_lower_bound for read in (60, 120, 300, 600, 900)]
    assert bounds == sorted(bounds)
    assert bounds[0] < 0.3 < 0.9 < bounds[-1]


def test_expected_finds_follow_a_rate_that_falls():
    rng = np.random.default_rng(2)
    rate = 0.6 * np.exp(-np.arange(2000) / 150)
    expected, true = [], []
    for _ in range(60):
        order = rng.random(2000) < rate
        expected.append(recall.expected_finds(order[:300], 1700, 100))
        true.append(order[300:400].sum())
    assert np.mean(expected) == pytest.approx(np.mean(true), rel=0.25)
    assert recall.expected_finds(np.zeros(10, bool), 100) == 0
    even = np.tile([True, False], 50)
    assert recall.expected_finds(even, 30, 100) == pytest.approx(15, rel=0.2)  # no more than there are


# Replays


def screening_data(n: int = 300) -> ScreeningData:
    columns, is_relevant = records(n)
    labels = np.where(is_relevant, "yes", "no").astype(object)
    return ScreeningData(columns.dense, labels, "yes", columns.terms)


SETTINGS = IterationSettings(strategy="screening", estimator="logistic", batch_size=20)


def test_a_replay_reads_every_record_once_and_counts_no_known_one():
    data = screening_data()
    found = replay_screening(data, SETTINGS, Prior(2, 3), seed=4)
    assert sorted([*found.known_rows, *found.read_rows]) == list(range(300))
    assert found.is_relevant.sum() == 28
    assert len(found.is_relevant) == 295
    assert data.is_relevant[found.known_rows].tolist() == [True, True, False, False, False]
    assert 0 < found.loss < 0.25 < found.wss95
    again = replay_screening(data, SETTINGS, Prior(2, 3), seed=4)
    np.testing.assert_array_equal(found.read_rows, again.read_rows)


def test_a_random_order_saves_nothing():
    found = replay_screening(screening_data(), replace(SETTINGS, strategy="random"), Prior(1, 1), seed=3)
    assert 0.3 < found.loss < 0.7


def test_known_records_leave_some_to_read():
    with pytest.raises(ValueError, match="leave none to read"):
        draw_prior(np.array([True, False, False]), Prior(1, 1), 0)


def test_a_report_has_a_line_for_each_strategy():
    data = screening_data()
    results = [
        replay_screening(data, replace(SETTINGS, strategy=name), Prior(), seed=0) for name in ("screening", "random")
    ]
    lines = list(screening_report_lines(results))
    assert [line.split()[0] for line in lines[2:4]] == ["screening", "random"]
    assert screening_points_csv(results).splitlines()[-1].endswith(",29,1.0")
    assert render_recall_png(results, "Recall").startswith(b"\x89PNG")


@pytest.fixture
def reviewed(tmp_path):
    """A file of records with a title and an abstract."""
    rng = np.random.default_rng(0)
    lines = ["title,abstract,included"]
    for number in range(80):
        relevant = number % 8 == 0
        words = rng.choice(["river", "stone", "garden", "window", "paper"], 6)
        lines.append(f"Study {number},{'nudge the doctor ' if relevant else ''}{' '.join(words)},{int(relevant)}")
    path = tmp_path / "review.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def simulate(path, *options):
    out = io.StringIO()
    words = ["--text", "title,abstract", "--label", "included", "--seeds", "1", "--quiet", *options]
    call_command("simulate", str(path), *words, stdout=out)
    return out.getvalue()


def test_simulate_finds_all_of_one_label(reviewed, tmp_path):
    said = simulate(
        reviewed, "--find", "1", "--batch", "10", "--topic", "nudge doctors", "--out", str(tmp_path / "out")
    )
    assert "80 records, 10 with the label" in said
    assert "a topic" in said
    assert "estimator auto" in said
    assert "loss" in said
    assert "accuracy" not in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["plot.png", "points.csv", "table.txt"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--find", "2"], "No item has the label"),
        (["--find", "1", "--prior", "10:1"], "too few"),
        (["--find", "1", "--prior", "one"], "RELEVANT:OTHERS"),
        (["--find", "1", "--thin", "1:0.1"], "neither --test nor --thin"),
    ],
)
def test_what_cannot_be_replayed_is_refused(reviewed, options, message):
    with pytest.raises(CommandError, match=message):
        simulate(reviewed, *options)
