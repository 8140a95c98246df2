"""Feature sets: pure modules, one each. Add one by a file here and a line in FEATURE_SETS."""

from learner.engine.contracts.feature_set import FeatureSet, Transformer, rows_of
from learner.engine.features.encoders import encoder_features
from learner.engine.features.image_descriptors import ImageFeatures
from learner.engine.features.lsa import LsaFeatures
from learner.engine.features.pairwise_difference import SideFeatures
from learner.engine.features.static import StaticFeatures
from learner.engine.features.table_rows import RecordFeatures
from learner.engine.features.text import TextFeatures
from learner.engine.features.tfidf import TfidfFeatures

FEATURE_SETS: dict[str, FeatureSet] = {
    "text": TextFeatures(),
    "static": StaticFeatures(),
    "lsa": LsaFeatures("lsa", ("word",)),
    "ngrams": LsaFeatures("ngrams", ("word", "char_wb")),
    "tfidf": TfidfFeatures(),
    "records": RecordFeatures(),
    "sides": SideFeatures(),
    "images": ImageFeatures(),
}


def feature_set(name: str) -> FeatureSet | None:
    """Return the feature set of that name, or None; one of an encoder is named KIND:MODEL."""
    return encoder_features(name) or FEATURE_SETS.get(name)


__all__ = ["FEATURE_SETS", "FeatureSet", "Transformer", "feature_set", "rows_of"]
