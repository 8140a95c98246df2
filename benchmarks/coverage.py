"""How often the 95 % intervals hold the truth: those of the test sample, the weighted one, and the naive ones.

    python -m benchmarks.coverage DATA.csv.gz [--runs 200] [--pool 3000] [--batch 100] [--effective-pool 15]

Each run draws a pool of its own from the labelled file and labels it in the order in which `run_iteration` asks, batch
after batch. The truth is the score on all that is not in the pool: nobody chose among it, and no model saw it.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TASK_TYPES
from benchmarks.pool import distinct
from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings
from learner.engine.evaluation.cross_validation import count_correct_out_of_fold
from learner.engine.evaluation.importance_weighting import WeightedSample, estimate_weighted_accuracy
from learner.engine.features import FEATURE_SETS
from learner.engine.loop.iteration import run_iteration
from learner.engine.statistics.estimates import (
    accuracy_estimate,
    accuracy_score,
    confusion_matrix,
    macro_f1_estimate,
    macro_f1_score,
)


@dataclass
class Line:
    """How one figure did over the runs."""

    errors: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    covered: int = 0
    below: int = 0  # the whole interval lies below the truth

    def add(self, low: float, value: float, high: float, truth: float) -> None:
        self.errors.append(value - truth)
        self.widths.append(high - low)
        self.covered += low <= truth <= high
        self.below += high < truth

    def say(self, name: str, runs: int) -> None:
        n = len(self.errors)
        if not n:
            print(f"{name:<62} hidden in all runs")
            return
        shown = "" if n == runs else f"   shown in {n} of {runs}"
        error = f"bias {100 * np.mean(self.errors):+6.2f}   width {100 * np.mean(self.widths):5.1f}"
        share = f"covers {self.covered} of {n}, {100 * self.covered / n:5.1f} %"
        print(f"{name:<62} {share}   below {self.below:3d}   {error}{shown}")


class Loop:
    """A pool whose labels are known, labelled as the loop asks."""

    def __init__(self, features: NDArray[np.float32], labels: NDArray[np.str_], tested: int, seed: int) -> None:
        self.features, self.labels, self.seed = features, labels, seed
        order = np.random.default_rng([seed, 1]).permutation(len(labels))
        self.test, self.order = order[:tested], order[tested:]
        self.answered = np.zeros(len(labels), bool)
        self.train: list[int] = []
        self.control: list[int] = []

    def available(self) -> NDArray[np.bool_]:
        free = ~self.answered
        free[self.test] = False
        return free

    def input(self, number: int) -> IterationInput:
        train, control = np.array(self.train, np.intp), np.array(self.control, np.intp)
        return IterationInput(
            features=self.features,
            train_rows=train,
            train_labels=self.labels[train],
            control_rows=control,
            control_labels=self.labels[control],
            available=self.available(),
            random_rows=self.order[~self.answered[self.order]],
            test_rows=self.test,
            open_test_rows=np.empty(0, np.intp),
            seed=self.seed,
            round_number=number,
        )

    def turn(self, number: int, settings: IterationSettings) -> IterationResult:
        return run_iteration(self.input(number), settings)

    def answer(self, result: IterationResult, batch: int) -> list[int]:
        """Answer a batch; return its rows."""
        chosen = result.choices[:batch]
        self.control += [choice.row for choice in chosen if choice.reason == "random"]
        rows = [choice.row for choice in chosen]
        self.train += rows
        self.answered[rows] = True
        return rows


def one_run(
    features: NDArray[np.float32],
    labels: NDArray[np.str_],
    given: argparse.Namespace,
    seed: int,
    lines: dict[str, Line],
) -> None:
    order = np.random.default_rng([seed, 0]).permutation(len(labels))
    inside, outside = np.sort(order[: given.pool]), np.sort(order[given.pool :])
    loop = Loop(features[inside], labels[inside], given.test, seed)
    settings = IterationSettings(
        strategy="boltzmann",  # the default stores no probability, and the weighted figure would have nothing to weigh
        batch_size=given.batch,
        depth=given.batch,
        effective_pool=given.effective_pool,
        random_share=given.random_share,
        test_share=0.0,
    )
    drawn: list[WeightedSample] = []
    models: list[tuple[int, float, float]] = []  # answers, accuracy on what was open, accuracy outside
    for number in range(1, given.rounds + 1):
        open_rows = np.flatnonzero(loop.available())
        result = loop.turn(number, settings)
        loop.answer(result, given.batch)
        if result.model is None:
            continue
        choices = [c for c in result.choices[: given.batch] if c.probability and c.reason == "uncertain"]
        right = np.array([c.label == loop.labels[c.row] for c in choices], bool)
        drawn.append(WeightedSample(result.pool_size, np.array([c.probability for c in choices]), right))
        on_open = accuracy_score(loop.labels[open_rows], result.model.predict(loop.features, open_rows))
        on_outside = accuracy_score(labels[outside], result.model.predict(features, outside))
        models.append((len(choices), on_open, on_outside))
    final = loop.input(given.rounds + 1)
    last = run_iteration(final, settings)
    folds = (
        count_correct_out_of_fold(final, settings, TASK_TYPES["text_classification"]) if seed < given.folds else None
    )
    if last.model is None or last.test_predictions is None:
        raise ValueError("The labels of this run are all of one class: give it larger batches.")
    said = last.model.predict(features, outside)
    truth, truth_f1 = accuracy_score(labels[outside], said), macro_f1_score(labels[outside], said)
    _names, table = confusion_matrix(loop.labels[loop.test], last.test_predictions)
    hits = accuracy_estimate(int(np.trace(table)), given.test)
    f1 = macro_f1_estimate(table)
    lines["accuracy"].add(hits.low, hits.value, hits.high, truth)
    lines["f1"].add(f1.low, f1.value, f1.high, truth_f1)
    if folds is not None:
        naive = accuracy_estimate(*folds)
        lines["folds"].add(naive.low, naive.value, naive.high, truth)
    sizes, opens, outsides = (np.array(column, float) for column in zip(*models, strict=True))
    mean_open, mean_outside = float(np.average(opens, weights=sizes)), float(np.average(outsides, weights=sizes))
    seen = np.concatenate([one.correct for one in drawn])
    plain = accuracy_estimate(int(seen.sum()), len(seen))
    lines["plain"].add(plain.low, plain.value, plain.high, mean_outside)
    found = estimate_weighted_accuracy(drawn)
    if found is not None:
        lines["all"].add(found.low, found.value, found.high, mean_open)
    if found is not None and found.has_enough_answers and found.covers_pool:
        lines["weighted"].add(found.low, found.value, found.high, mean_open)
        lines["outside"].add(found.low, found.value, found.high, mean_outside)


NAMES = {
    "accuracy": "test sample: accuracy (Wilson)",
    "f1": "test sample: macro F1",
    "weighted": "weighted by probability (LURE), where shown",
    "outside": "the same, about items outside the pool",
    "all": "the same, also where it would be hidden",
    "folds": "naive: out of fold, on chosen labels",
    "plain": "naive: chosen answers before training, unweighted",
}


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first of them, to go on where another run stopped")
    parser.add_argument("--folds", type=int, default=200, help="runs with the figure out of fold, which takes longest")
    parser.add_argument("--pool", type=int, default=3000)
    parser.add_argument("--test", type=int, default=300)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--effective-pool", type=float, default=15.0, help="in batches")
    parser.add_argument("--random-share", type=float, default=IterationSettings.random_share)
    given = parser.parse_args()
    texts, labels = distinct(given.data)
    labels = labels.astype(str)
    features = FEATURE_SETS["text"].fit(texts, 0).transform(texts)
    say(f"{given.runs - given.first} runs, pools of {given.pool} among {len(texts)} texts, {given.test} test answers,")
    say(f"{given.rounds} batches of {given.batch}, effective pool {given.effective_pool * given.batch:.0f} items")
    lines = {name: Line() for name in NAMES}
    for seed in range(given.first, given.runs):
        one_run(features, labels, given, seed, lines)
    for name, text in NAMES.items():
        lines[name].say(text, given.runs - given.first)


if __name__ == "__main__":
    main()
