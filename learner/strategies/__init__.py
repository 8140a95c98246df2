"""Query strategies: pure modules. Add one by a function `(pool, n, terms) -> picks` and a line in STRATEGIES."""

from learner.strategies.badge import badge
from learner.strategies.clustermargin import cluster_margin
from learner.strategies.coldstart import spread, typiclust
from learner.strategies.committee import bald, power_bald, vote_entropy
from learner.strategies.contract import Committee, Picks, Pool, Strategy, Terms
from learner.strategies.contrastive import contrastive
from learner.strategies.coreset import core_set
from learner.strategies.density import density_weighted
from learner.strategies.discriminative import discriminative
from learner.strategies.expected import error_reduction, model_change
from learner.strategies.measures import margins
from learner.strategies.mixture import Mixture
from learner.strategies.newusers import new_users
from learner.strategies.probcover import prob_cover
from learner.strategies.rare import class_balanced, rare_class, relevance
from learner.strategies.uncertainty import boltzmann, entropy, least_confidence, margin, power, random, softrank
from learner.strategies.weighted import boltzmann_kmeans, weighted_kmeans

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
    "core_set": core_set,
    "discriminative": discriminative,
    "spread": spread,
    "typiclust": typiclust,
    "prob_cover": prob_cover,
    "new_users": new_users,
    "random": random,
}
STRATEGIES["mixture"] = Mixture(STRATEGIES)

# the others wait for probabilities
WITHOUT_MODEL = frozenset({"core_set", "discriminative", "prob_cover", "random", "spread", "typiclust"})

__all__ = ["STRATEGIES", "WITHOUT_MODEL", "Committee", "Picks", "Pool", "Strategy", "Terms", "margins"]
