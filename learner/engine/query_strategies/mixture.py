"""Mixtures: several strategies in one queue, each with its share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection, Strategy
from learner.engine.selection.without_replacement import ExponentialRace

SPARE = 2  # times as many as asked for are lined up: some near-duplicates are held back
DEFAULT: Mapping[str, float] = {"margin": 0.7, "spread": 0.3}


@dataclass(frozen=True)
class Mixture:
    """Weaves what the strategies of `params.mixture_shares` pick; every stretch has their shares, to within one each.

    Cost: that of its strategies. Near-duplicates stay out of one batch across them too.
    """

    strategies: Mapping[str, Strategy]

    def __call__(self, pool: Pool, n: int, params: QueryParams) -> Selection:
        """Raise ValueError for a share of a strategy that is unknown, of a mixture, or of random.

        Random has its own arm in a round, whose picks must be a random sample of the pool.
        """
        shares = {name: share for name, share in (params.mixture_shares or DEFAULT).items() if share > 0}
        bad = sorted(name for name in shares if name not in self.strategies or name in ("mixture", "random"))
        if bad or not shares:
            raise ValueError(f"A mixture cannot be made of: {', '.join(bad) or 'nothing'}.")
        picks = [self.strategies[name](pool, SPARE * n, params) for name in shares]
        woven = dict(_weave([zip(one.rows.tolist(), _reasons(one), strict=True) for one in picks], [*shares.values()]))
        place = np.full(len(pool.available), np.inf, np.float32)
        place[list(woven)] = np.arange(len(woven))
        rows, _ = ExponentialRace(pool, place, np.inf, n, params).run()
        return Selection(rows, "uncertain", reasons=tuple(woven[row] for row in rows.tolist()))


def _reasons(picks: Selection) -> tuple[str, ...]:
    return picks.reasons or (picks.reason,) * len(picks.rows)


def _weave(arms: list[Iterator[tuple[int, str]]], shares: list[float]) -> Iterator[tuple[int, str]]:
    """Yield each row once, from the arm that is most behind its share."""
    arms, total = [iter(arm) for arm in arms], sum(shares)
    credit, seen, over = [0.0] * len(arms), set[int](), set[int]()
    while len(over) < len(arms):
        credit = [have + share / total for have, share in zip(credit, shares, strict=True)]
        arm = max((arm for arm in range(len(arms)) if arm not in over), key=lambda arm: credit[arm])
        entry = next((entry for entry in arms[arm] if entry[0] not in seen), None)
        if entry is None:
            over.add(arm)
            continue
        credit[arm] -= 1
        seen.add(entry[0])
        yield entry
