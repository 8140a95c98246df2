"""Weave the strategy's choices, the test sample and the random control arm into one queue, by their shares."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from learner.engine.contracts.iteration import IterationInput, IterationSettings, RankedItem, Rows
from learner.engine.query_strategies import Selection

MIN_STRATEGY_SHARE = 0.05  # of the strategy: shares that leave it less make no longer queue
PERIOD_ENTRIES = 1000  # entries after which shares of three decimals begin again


def arm_shares(settings: IterationSettings) -> tuple[float, float, float]:
    """Return the shares of strategy, test sample and control arm.

    Where the strategy is to choose at random, the control arm is the strategy: its fixed order is
    followed by everybody, so that what is labelled stays one random sample.
    """
    if settings.strategy == "random":
        return 0.0, settings.test_share, 1 - settings.test_share
    ranked = max(1 - settings.random_share - settings.test_share, 0)
    return ranked, settings.test_share, settings.random_share


def limit_arm_rows(rows: Rows, settings: IterationSettings, share: float) -> Rows:
    """Return those of an arm's rows that one queue serves."""
    ranked, _, _ = arm_shares(settings)
    length = settings.depth / max(ranked, MIN_STRATEGY_SHARE) if ranked else settings.depth
    return rows[: math.ceil(length * share)]


def interleave_arms(inp: IterationInput, settings: IterationSettings, selection: Selection) -> list[RankedItem]:
    """Weave the three arms by their shares; an arm that has run out leaves its entries to the others."""
    shares = arm_shares(settings)
    random_rows = limit_arm_rows(inp.random_rows, settings, shares[2])
    test_rows = limit_arm_rows(inp.open_test_rows, settings, shares[1])
    arms = [
        iter(strategy_entries(selection) if shares[0] else []),
        iter([RankedItem(int(row), "test") for row in test_rows]),
        iter(control_arm_entries(random_rows, int(np.count_nonzero(inp.available)))),
    ]
    return list(interleave_by_shares(arms, shares, already_yielded=settings.batch_size * (inp.round_number - 1)))


def strategy_entries(selection: Selection) -> list[RankedItem]:
    """Return the strategy's selection as entries."""
    scores = [None] * len(selection.rows) if selection.scores is None else selection.scores.tolist()
    probabilities = (
        [None] * len(selection.rows) if selection.probabilities is None else selection.probabilities.tolist()
    )
    reasons = selection.reasons or [selection.reason] * len(selection.rows)
    return [RankedItem(*fields) for fields in zip(selection.rows.tolist(), reasons, scores, probabilities, strict=True)]


def control_arm_entries(rows: Rows, remaining: int) -> list[RankedItem]:
    """Return the control arm's next entries: any of the `remaining` rows was as likely to be next."""
    return [RankedItem(row, "random", None, 1 / (remaining - index)) for index, row in enumerate(rows.tolist())]


def interleave_by_shares(
    arms: Sequence[Iterator[RankedItem]], shares: Sequence[float], already_yielded: int = 0
) -> Iterator[RankedItem]:
    """Yield from the arms so that every stretch has their shares, to within one entry each.

    The first `already_yielded` entries are counted but left out: short batches go on where the last one ended. Shares
    have three decimals, so the pattern begins again after PERIOD_ENTRIES, and no more of them need to be counted.
    """
    credit = [0.0] * len(arms)
    for index in itertools.count(-(already_yielded % PERIOD_ENTRIES)):
        credit = [balance + share for balance, share in zip(credit, shares, strict=True)]
        for arm in sorted(range(len(arms)), key=lambda arm: -credit[arm]):
            entry = None if index < 0 else next(arms[arm], None)
            if index < 0 or entry is not None:
                credit[arm] -= 1
                break
        else:
            return
        if entry is not None:
            yield entry
