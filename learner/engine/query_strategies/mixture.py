"""Mixtures: several strategies in one queue, each with its share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection, Strategy
from learner.engine.selection.without_replacement import ExponentialRace

OVERSAMPLING_FACTOR = 2  # times as many as asked for are lined up: some near-duplicates are held back
DEFAULT_SHARES: Mapping[str, float] = {"margin": 0.7, "spread": 0.3}


@dataclass(frozen=True)
class Mixture:
    """Weaves what the strategies of `params.mixture_shares` select; every stretch has their shares, to within one each.

    Cost: that of its strategies. Near-duplicates stay out of one batch across them too.
    """

    strategies: Mapping[str, Strategy]

    def __call__(self, pool: Pool, n: int, params: QueryParams) -> Selection:
        """Raise ValueError for a share of a strategy that is unknown, of a mixture, or of random.

        Random has its own arm in a round, whose picks must be a random sample of the pool.
        """
        shares = {name: share for name, share in (params.mixture_shares or DEFAULT_SHARES).items() if share > 0}
        invalid = sorted(name for name in shares if name not in self.strategies or name in ("mixture", "random"))
        if invalid or not shares:
            raise ValueError(f"A mixture cannot be made of: {', '.join(invalid) or 'nothing'}.")
        selections = [self.strategies[name](pool, OVERSAMPLING_FACTOR * n, params) for name in shares]
        reason_of_row = dict(
            _interleave_by_shares(
                [zip(selection.rows.tolist(), _reason_per_row(selection), strict=True) for selection in selections],
                [*shares.values()],
            )
        )
        positions = np.full(len(pool.available), np.inf, np.float32)
        positions[list(reason_of_row)] = np.arange(len(reason_of_row))
        rows, _ = ExponentialRace(pool, positions, np.inf, n, params).draw_rows()
        return Selection(rows, "uncertain", reasons=tuple(reason_of_row[row] for row in rows.tolist()))


def _reason_per_row(selection: Selection) -> tuple[str, ...]:
    return selection.reasons or (selection.reason,) * len(selection.rows)


def _interleave_by_shares(arms: list[Iterator[tuple[int, str]]], shares: list[float]) -> Iterator[tuple[int, str]]:
    """Yield each row once, from the arm that is most behind its share."""
    arms, total = [iter(arm) for arm in arms], sum(shares)
    credit, seen, exhausted = [0.0] * len(arms), set[int](), set[int]()
    while len(exhausted) < len(arms):
        credit = [balance + share / total for balance, share in zip(credit, shares, strict=True)]
        arm = max((arm for arm in range(len(arms)) if arm not in exhausted), key=lambda arm: credit[arm])
        entry = next((entry for entry in arms[arm] if entry[0] not in seen), None)
        if entry is None:
            exhausted.add(arm)
            continue
        credit[arm] -= 1
        seen.add(entry[0])
        yield entry
