"""Replays side by side, and what they say together; the command from file to files."""

import csv
import gzip
import json
import math
import re
from dataclasses import asdict, replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.errors import MarginError
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.simulation import comparison, plot, text_report
from learner.engine.simulation.comparison import (
    area_under_curve,
    average_time_to_discovery,
    compare_trials,
    labels_to_reach,
    labels_to_recall,
    mean_interval,
    work_saved_over_sampling,
)
from learner.engine.simulation.experiments import (
    SimulationData,
    SimulationPlan,
    Trial,
    TrialResult,
    all_trials,
    full_data_scores,
    run_trial,
    run_trials,
)
from learner.engine.simulation.labelled_files import read_labelled
from learner.engine.simulation.simulated_labelling import (
    CurvePoint,
    InitialLabels,
    LabelledData,
    simulate_labelling,
    stratified_sample,
)
from tests.learner.test_iteration import cloud
from tests.scale import scaled


def data(n=240):
    features, labels = cloud(n + 100)
    return SimulationData(LabelledData(features[:n], labels[:n]), LabelledData(features[n:], labels[n:]))


PLAN = SimulationPlan(budget=60, target_label="other", settings=IterationSettings(batch_size=15))


def result(strategy, values, seed=0, found_at=(), relevant=0, readable=100, estimator="logistic"):
    """A trial whose curve has these {labels: accuracy}."""
    points = [
        CurvePoint(labels, labels, 50, {"accuracy": value, "macro_f1": value / 2}) for labels, value in values.items()
    ]
    return TrialResult(Trial(strategy, estimator, seed), points, readable, relevant, list(found_at))


FULL = {"logistic": {"accuracy": 1.0, "macro_f1": 0.5}}


# Replays


def test_the_same_seed_gives_the_same_curve_and_another_another():
    first = run_trial(data(), PLAN, Trial("boltzmann", "logistic", 3))
    assert first == run_trial(data(), PLAN, Trial("boltzmann", "logistic", 3))
    assert first.points != run_trial(data(), PLAN, Trial("boltzmann", "logistic", 4)).points
    assert first == TrialResult.from_json(json.loads(json.dumps(first.as_json())))


def test_processes_side_by_side_give_what_one_gives(tmp_path):
    wanted = all_trials(["random", "margin"], ["logistic", "svm"], 1)
    seen = []
    one = run_trials(data(), PLAN, wanted, tmp_path)
    two = run_trials(data(), PLAN, wanted, tmp_path, processes=2, progress=seen.append)
    assert one == two
    assert [found.trial for found in one] == wanted
    assert seen == sorted(seen)
    assert seen[-1] == 4 * 60


def test_an_error_in_one_of_the_processes_comes_out(tmp_path):
    with pytest.raises(KeyError):
        run_trials(data(), PLAN, [Trial("no such strategy", "logistic", 0)] * 2, tmp_path, processes=2)


def test_progress_may_abort_a_trial():
    def stop(labels):
        if labels:
            raise InterruptedError(labels)

    with pytest.raises(InterruptedError):
        run_trial(data(), PLAN, Trial("margin", "logistic", 0), stop)


def test_what_is_found_are_the_labels_with_the_target_in_their_order():
    found = run_trial(data(), PLAN, Trial("random", "logistic", 1))
    replay = simulate_labelling(data().pool, replace(PLAN.settings, strategy="random"), 1, 60)
    order = data().pool.labels[replay.train_rows]
    assert [order[place - 1] for place in found.found_at] == ["other"] * len(found.found_at)
    assert len(found.found_at) == np.sum(order == "other")
    assert found.readable == len(replay.trainable_rows) == 240 - 48
    assert not set(replay.train_rows.tolist()) - set(replay.trainable_rows.tolist())


def test_without_a_test_share_every_answer_trains_and_all_can_be_read():
    plan = replace(PLAN, budget=240, test_size=0, settings=IterationSettings(test_share=0, random_share=0))
    found = run_trial(data(), plan, Trial("margin", "logistic", 0))
    assert all(point.labels == point.answers for point in found.points)
    assert found.points[-1].labels == found.readable == 240
    assert len(found.found_at) == found.relevant == np.sum(data().pool.labels == "other")


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_batch_of_test_items_alone_does_not_end_a_replay(batch_size):
    features, labels = cloud(120)
    replay = simulate_labelling(
        LabelledData(features, labels), IterationSettings(batch_size=batch_size, test_share=0.6), 0, 9
    )
    assert len(replay.train_rows) == 9


def test_first_labels_by_lot_are_the_beginning_of_the_random_arm():
    features, labels = cloud(200)
    chosen = IterationSettings(strategy="random", batch_size=25)
    first = simulate_labelling(
        LabelledData(features, labels), chosen, 5, 25, initial_labels=InitialLabels("random", 25)
    )
    assert (
        first.train_rows.tolist()
        == simulate_labelling(LabelledData(features, labels), chosen, 5, 25).train_rows.tolist()
    )
    assert [point.labels for point in first.curve] == [25]


def test_the_protocol_of_25_and_then_20_rounds_of_25():
    features, labels = cloud(700)
    chosen = IterationSettings(strategy="margin", batch_size=25, test_share=0, random_share=0)
    held = LabelledData(features[600:], labels[600:])
    replay = simulate_labelling(
        LabelledData(features[:600], labels[:600]), chosen, 0, 525, 0, held, InitialLabels("stratified", 25)
    )
    assert [point.labels for point in replay.curve] == list(range(25, 526, 25))
    assert {point.n for point in replay.curve} == {100}


@settings(max_examples=scaled(60), deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(0, 70), st.integers(0, 5))
def test_stratified_labels_have_each_class_by_its_share(names, count, seed):
    labels, rows = np.array(names), np.arange(len(names))
    chosen = stratified_sample(labels, rows, count, seed)
    assert len(chosen) == len(set(chosen.tolist())) == min(count, len(names))
    for name in set(names):
        exact = len(chosen) * names.count(name) / len(names)
        assert math.floor(exact) <= np.sum(labels[chosen] == name) <= math.ceil(exact)


def test_all_labels_are_scored_on_the_held_items():
    found = full_data_scores(data(), ["logistic", "svm"])
    assert set(found) == {"logistic", "svm"}
    assert all(0.6 < scores["macro_f1"] <= scores["accuracy"] <= 1 for scores in found.values())


# Figures on curves made by hand


def test_a_spread_is_students_interval():
    found = mean_interval([0.8, 0.9])
    assert found.mean == pytest.approx(0.85)
    assert found.high - found.mean == pytest.approx(12.7062 * 0.05, abs=1e-4)  # t(1) times sd / sqrt(2)
    assert mean_interval([0.7]) == comparison.MeanInterval(0.7, None, None, 1)


@settings(max_examples=scaled(80), deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.integers(1, 50))
def test_an_area_is_a_mean_height(scores, step):
    labels, y = np.arange(len(scores)) * float(step), np.array(scores)
    whole = area_under_curve(labels, y, 0, labels[-1])
    assert min(scores) - 1e-9 <= whole <= max(scores) + 1e-9
    assert area_under_curve(labels, np.full(len(scores), 0.5), 0, labels[-1]) == pytest.approx(0.5)
    middle = labels[-1] / 3
    parts = area_under_curve(labels, y, 0, middle) * middle + area_under_curve(labels, y, middle, labels[-1]) * (
        labels[-1] - middle
    )
    assert parts / labels[-1] == pytest.approx(whole)


def test_labels_to_reach_and_labels_saved_are_read_from_the_mean():
    slow = [result("random", {20: 0.5, 40: 0.6, 60: 0.7, 80: 0.8}, seed) for seed in range(2)]
    fast = [
        result("margin", {20: 0.7, 40: 0.9, 60: 0.9, 80: 0.96}, 0),
        result("margin", {20: 0.7, 40: 0.9, 60: 0.92, 80: 0.96}, 1),
    ]
    by_lot, active = compare_trials([*slow, *fast], FULL, [40, 80]).rows
    assert (by_lot.to_reach, active.to_reach) == ([None, None, None], [40, 80, None])
    assert (by_lot.saved, active.saved) == (1.0, 2.0)
    assert active.at[0] == comparison.MeanInterval(0.9, 0.9, 0.9, 2)
    assert by_lot.area.mean == pytest.approx(0.65)


def test_a_late_first_model_wins_nothing():
    early = result("random", {10: 0.2, 30: 0.8, 50: 0.9})
    late = result("margin", {30: 0.8, 50: 0.9})
    found = compare_trials([early, late], FULL, [10, 50])
    assert found.span == (30, 50)
    assert found.rows[0].area == found.rows[1].area
    assert found.rows[1].at[0] is None
    assert found.rows[0].at[0].mean == 0.2


def test_a_strategy_without_any_model_has_no_figures_and_breaks_none():
    found = compare_trials([result("random", {}), result("margin", {20: 0.5})], FULL, [20])
    assert found.rows[0].at == [None]
    assert found.rows[0].area is None
    assert found.rows[1].saved is None
    assert plot.render_png(found, "Accuracy").startswith(b"\x89PNG")
    assert "–" in "\n".join(text_report.report_lines(found))


def test_the_other_metric_and_an_unknown_one():
    assert compare_trials([result("margin", {20: 0.8})], FULL, [20], "macro_f1").rows[0].at[0].mean == 0.4
    with pytest.raises(ValueError, match="auc"):
        compare_trials([], FULL, [20], "auc")


def test_first_reach():
    curve = [(20, mean_interval([0.5])), (40, mean_interval([0.7])), (60, mean_interval([0.6]))]
    assert [labels_to_reach(curve, score) for score in (0.1, 0.6, 0.7, 0.71)] == [20, 40, 40, None]


def test_search_figures():
    at = list(range(1, 21))  # 20 relevant ones, found first of all
    assert labels_to_recall(at, 20) == 19
    assert labels_to_recall(at[:18], 20) is None
    assert labels_to_recall([], 0) is None
    assert work_saved_over_sampling(19, 100) == pytest.approx(0.76)
    assert average_time_to_discovery(at, 20, 100) == pytest.approx(0.105)
    assert average_time_to_discovery(at[:10], 20, 100) == pytest.approx((55 + 1000) / 2000)
    found = compare_trials(
        [result("margin", {20: 1.0}, 0, at, 20), result("margin", {20: 1.0}, 1, at, 20)], FULL, [10], "accuracy", "x"
    )
    search = found.rows[0].search
    assert search.recall[0].mean == 0.5
    assert (search.labels_to_95.mean, search.wss95.mean, search.atd_is_bound) == (19, pytest.approx(0.76), False)
    assert search.curve[-1] == (20, comparison.MeanInterval(1, 1, 1, 2))
    text = "\n".join(text_report.report_lines(found))
    assert "76.0 %" in text
    assert "10.5 %" in text


@settings(max_examples=scaled(60), deadline=None)
@given(st.integers(20, 300), st.data())
def test_reading_in_any_order_keeps_the_search_figures_in_their_bounds(readable, draw):
    relevant = draw.draw(st.integers(1, readable))
    places = draw.draw(st.permutations(range(1, readable + 1)))[:relevant]
    found_at = sorted(places)
    needed = labels_to_recall(found_at, relevant)
    assert math.ceil(0.95 * relevant - 1e-9) <= needed <= readable
    assert -0.05 - 1e-9 <= work_saved_over_sampling(needed, readable) < 0.95
    assert (relevant + 1) / (2 * readable) - 1e-9 <= average_time_to_discovery(found_at, relevant, readable) <= 1


def test_a_comparison_is_json():
    found = compare_trials([result("margin", {20: 0.8}, 0, [3], 2)], FULL, [20], "accuracy", "x")
    assert json.loads(json.dumps(asdict(found)))["rows"][0]["search"]["atd_is_bound"] is True


def test_a_picture_of_many_rows_is_drawn():
    rows = [
        result(name, {20: 0.5, 40: 0.9}, seed, [5, 9], 3, estimator=learner)
        for seed in range(2)
        for name in "abcdefghij"
        for learner in ("logistic", "svm")
    ]
    image = plot.render_png(
        compare_trials(rows, FULL | {"svm": FULL["logistic"]}, [20, 40], "accuracy", "x"), "Accuracy"
    )
    assert image.startswith(b"\x89PNG")


# Files


ROWS = [
    (f"{'win a prize' if n % 3 == 0 else 'see you later'} {n % 17} {n}", "spam" if n % 3 == 0 else "ham")
    for n in range(150)
]


def as_csv(rows=ROWS, delimiter=","):
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("message", "kind"), *rows])
    return text.getvalue().encode()


def as_jsonl(rows=ROWS):
    return "\n".join(json.dumps({"message": text, "kind": kind}) for text, kind in rows).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", as_csv()),
        ("a.tsv", as_csv(delimiter="\t")),
        ("a.jsonl", as_jsonl()),
        ("a.csv.gz", gzip.compress(as_csv())),
        ("a.jsonl.gz", gzip.compress(as_jsonl())),
    ],
)
def test_every_format_of_an_import_is_read(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    texts, labels = read_labelled(tmp_path / name, "message", "kind")
    assert list(zip(texts, labels, strict=True)) == ROWS


def test_rows_without_a_label_and_repeated_texts_are_left_out(tmp_path):
    (tmp_path / "a.csv").write_bytes(as_csv([("one", "x"), ("two", ""), ("one", "y"), ("", "x"), ("three", "z")]))
    assert read_labelled(tmp_path / "a.csv", "message", "kind") == (["one", "three"], ["x", "z"])


def test_what_cannot_be_read_is_said(tmp_path):
    (tmp_path / "a.csv").write_bytes(as_csv())
    for name, column, words in (("none.csv", "kind", "No such file"), ("a.csv", "label", "message, kind")):
        with pytest.raises(MarginError) as caught:
            read_labelled(tmp_path / name, "message", column)
        assert words in caught.value.message


# The command


def simulate_file(tmp_path, *options):
    (tmp_path / "data.csv").write_bytes(as_csv())
    out = StringIO()
    common = ["--text", "message", "--label", "kind", "--features", "static", "--quiet", "--processes", "1"]
    call_command("simulate", str(tmp_path / "data.csv"), *common, *options, stdout=out)
    return out.getvalue()


def test_the_command_from_file_to_files(tmp_path):
    out = tmp_path / "out"
    options = ["--strategies", "random,margin", "--learners", "logistic,svm", "--budget", "30", "--batch", "10"]
    said = simulate_file(tmp_path, *options, "--seeds", "2", "--target", "spam", "--out", str(out))
    for words in ("margin, svm", "random, logistic", "area", "to 95%", "WSS@95", "saved over random", "120 items"):
        assert words in said
    assert (out / "table.txt").read_text() == said
    assert (out / "plot.png").read_bytes().startswith(b"\x89PNG")
    with (out / "points.csv").open(newline="") as file:
        records = list(csv.DictReader(file))
    assert {(row["strategy"], row["learner"], row["seed"]) for row in records} == {
        (strategy, learner, seed)
        for strategy in ("random", "margin")
        for learner in ("logistic", "svm")
        for seed in "01"
    }
    assert max(int(row["labels"]) for row in records) == 30
    assert {row["judged_by"] for row in records} == {"30"}


def test_the_command_with_first_labels_and_no_test_share(tmp_path):
    (tmp_path / "test.csv").write_bytes(as_csv(ROWS[:40]))
    options = [
        "--test",
        str(tmp_path / "test.csv"),
        "--start",
        "stratified:10",
        "--no-test-share",
        "--random-share",
        "0",
    ]
    said = simulate_file(
        tmp_path, *options, "--strategies", "margin", "--budget", "30", "--batch", "10", "--seeds", "1"
    )
    assert "from 10 to 30 labels" in said
    assert "judged on 40 others" in said


def test_the_command_learns_nothing_from_shuffled_labels(tmp_path):
    rng = np.random.default_rng(0)
    kinds = {"yes": ["good", "fine", "great", "lovely"], "no": ["bad", "poor", "awful", "boring"]}
    names = ["yes", "no"] * 150
    texts = [" ".join([*rng.choice(kinds[name], 3), *rng.choice(list("abcdefghij"), 3)]) for name in names]
    path = tmp_path / "opinions.csv"
    path.write_text("text,label\n" + "\n".join(f"{pair[0]},{pair[1]}" for pair in zip(texts, names, strict=True)))
    out = StringIO()
    options = ["--strategies", "margin", "--features", "lsa", "--budget", "100", "--seeds", "2", "--negative-control"]
    call_command("simulate", str(path), *options, "--quiet", "--processes", "1", stdout=out)
    said = out.getvalue().splitlines()
    assert any(line.startswith("always the most frequent answer") for line in said)
    true, _, shuffled = [line for line in said if line.startswith("margin, auto")]
    assert float(true.split()[2]) > 0.9  # at 50 labels
    assert float(shuffled.split()[3]) < 0.75


@pytest.mark.parametrize("processes", ["1", "2"])
def test_the_command_takes_sparse_features(tmp_path, processes):
    options = ["--features", "tfidf", "--strategies", "margin", "--budget", "30", "--batch", "10", "--seeds", "1"]
    said = simulate_file(tmp_path, *options, "--processes", processes)
    assert "features tfidf" in said
    assert float(said.split("margin, auto")[2].split()[0]) > 0.5


@pytest.mark.parametrize(
    ("task", "cell", "target", "learner"),
    [
        ("text_multilabel", lambda n: "cold|sweet" if n % 3 == 0 else "cold", "sweet", "relevance"),
        ("spans", lambda n: json.dumps([{"start": 0, "end": 5, "label": "abc"[n % 3]}]), "a", "crf"),
    ],
    ids=["text_multilabel", "spans"],
)
def test_the_command_takes_answers_of_several_parts(tmp_path, task, cell, target, learner):
    kinds = ["fresh milk and", "apple or two", "trees over there"]
    rows = [{"text": f"{kinds[n % 3]} number {n}", "answer": cell(n)} for n in range(120)]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = StringIO()
    given = ["--task", task, "--label", "answer", "--target", target, "--strategies", "random", "--budget", "40"]
    common = ["--seeds", "1", "--features", "static", "--quiet", "--processes", "2", "--out", str(tmp_path / "out")]
    call_command("simulate", str(tmp_path / "data.jsonl"), *given, *common, stdout=out)
    assert re.search(rf"random, {learner}\s+0\.\d+", out.getvalue())
    assert f"search for “{target}”" in out.getvalue()
    with (tmp_path / "out" / "points.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert float(last["f1"]) > 0.8
    assert last["recall"]


def test_the_command_thins_a_label_out(tmp_path):
    said = simulate_file(tmp_path, "--thin", "spam:0.1", "--target", "spam", "--budget", "30", "--seeds", "1")
    found = re.search(r"search for “spam”: (\d+) of (\d+) items", said)
    assert found
    assert int(found[1]) <= 0.2 * int(found[2])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--thin", "spam"], "LABEL:SHARE"),
        (["--thin", "spam:2"], "between 0 and 1"),
        (["--thin", "eggs:0.1"], "0 items"),
        (["--strategies", "margin,nonsense"], "nonsense"),
        (["--learners", "nonsense"], "logistic"),
        (["--metric", "f1"], "macro_f1"),
        (["--task", "spans", "--strategies", "random"], "no JSON list of spans"),
        (["--start", "stratified"], "stratified:N"),
        (["--target", "eggs"], "ham, spam"),
        (["--seeds", "0"], "seeds"),
        (["--hold-out", "1"], "hold-out"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        simulate_file(tmp_path, *options)
