"""Feature sets: pure modules, one each. Add one by a file here and a line in FEATURE_SETS."""

from learner.features.contract import FeatureSet, Transformer
from learner.features.lsa import LsaFeatures
from learner.features.static import StaticFeatures
from learner.features.text import TextFeatures

FEATURE_SETS: dict[str, FeatureSet] = {
    "text": TextFeatures(),
    "static": StaticFeatures(),
    "lsa": LsaFeatures(),
}

__all__ = ["FEATURE_SETS", "FeatureSet", "Transformer"]
