"""Query strategies: pure modules. Add one by a function `(pool, n, params) -> Selection` and a line in STRATEGIES.

What one needs besides, or does without, is said in `strategy_requirements`.
"""

from learner.engine.contracts.query_strategy import Committee, Pool, QueryParams, Selection, Strategy
from learner.engine.query_strategies.badge import badge
from learner.engine.query_strategies.cluster_margin import cluster_margin
from learner.engine.query_strategies.cold_start import spread, typiclust
from learner.engine.query_strategies.cold_start_users import new_users
from learner.engine.query_strategies.contrastive import contrastive
from learner.engine.query_strategies.core_set import core_set
from learner.engine.query_strategies.density import density_weighted
from learner.engine.query_strategies.discriminative import discriminative
from learner.engine.query_strategies.expected_change import error_reduction, model_change
from learner.engine.query_strategies.mixture import Mixture
from learner.engine.query_strategies.prob_cover import prob_cover
from learner.engine.query_strategies.query_by_committee import bald, power_bald, vote_entropy
from learner.engine.query_strategies.random_sampling import random_sampling
from learner.engine.query_strategies.rare_classes import class_balanced, rare_class, relevance
from learner.engine.query_strategies.screening import screening
from learner.engine.query_strategies.uncertainty_sampling import (
    boltzmann,
    entropy,
    least_confidence,
    margin,
    power,
    softrank,
)
from learner.engine.query_strategies.weighted_kmeans import boltzmann_kmeans, weighted_kmeans

STRATEGIES: dict[str, Strategy] = {
    "boltzmann": boltzmann,
    "power": power,
    "softrank": softrank,
    "margin": margin,
    "least_confidence": least_confidence,
    "entropy": entropy,
    "weighted_kmeans": weighted_kmeans,
    "boltzmann_kmeans": boltzmann_kmeans,
    "cluster_margin": cluster_margin,
    "density_weighted": density_weighted,
    "badge": badge,
    "bald": bald,  # its other name is committee by KL divergence
    "power_bald": power_bald,
    "vote_entropy": vote_entropy,
    "model_change": model_change,
    "error_reduction": error_reduction,
    "contrastive": contrastive,
    "class_balanced": class_balanced,
    "rare_class": rare_class,
    "relevance": relevance,
    "screening": screening,
    "core_set": core_set,
    "discriminative": discriminative,
    "spread": spread,
    "typiclust": typiclust,
    "prob_cover": prob_cover,
    "new_users": new_users,
    "random": random_sampling,
}
STRATEGIES["mixture"] = Mixture(STRATEGIES)

__all__ = [
    "STRATEGIES",
    "Committee",
    "Pool",
    "QueryParams",
    "Selection",
    "Strategy",
]
