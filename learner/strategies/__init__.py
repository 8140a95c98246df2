"""Query strategies: pure modules. Add one by a function `(pool, n, terms) -> picks` and a line in STRATEGIES."""

from learner.strategies.coldstart import spread
from learner.strategies.contract import Picks, Pool, Strategy, Terms
from learner.strategies.measures import margins
from learner.strategies.uncertainty import boltzmann, margin, random

STRATEGIES: dict[str, Strategy] = {
    "boltzmann": boltzmann,
    "margin": margin,
    "random": random,
    "spread": spread,
}
WITHOUT_MODEL = frozenset({"random", "spread"})  # the others wait for probabilities

__all__ = ["STRATEGIES", "WITHOUT_MODEL", "Picks", "Pool", "Strategy", "Terms", "margins"]
