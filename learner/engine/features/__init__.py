"""Feature sets: pure modules, one each. Add one by a file here and a line in FEATURE_SETS."""

from collections.abc import Sequence
from typing import Any

from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.feature_set import FeatureSet, Transformer, transform_in_chunks
from learner.engine.features.encoders import encoder_features
from learner.engine.features.image_descriptors import ImageFeatures
from learner.engine.features.lsa import LsaFeatures
from learner.engine.features.pairwise_difference import PairwiseDifferenceFeatures
from learner.engine.features.side_by_side import SideBySideFeatures
from learner.engine.features.static_embeddings import StaticFeatures
from learner.engine.features.table_rows import TableRowFeatures, table_features
from learner.engine.features.text import TextFeatures
from learner.engine.features.text_pairs import TextPairFeatures
from learner.engine.features.tfidf import TfidfFeatures

FEATURE_SETS: dict[str, FeatureSet] = {
    "text": TextFeatures(),
    "static": StaticFeatures(),
    "lsa": LsaFeatures("lsa", ("word",)),
    "ngrams": LsaFeatures("ngrams", ("word", "char_wb")),
    "tfidf": TfidfFeatures(),
    "text_pairs": TextPairFeatures(),
    "records": TableRowFeatures(),
    "sides": PairwiseDifferenceFeatures(),
    "images": ImageFeatures(),
}


def features_of(name: str, contents: Sequence[Any], seed: int = 0) -> Matrix:
    """Return the (n, d) features of contents by a set that is fitted on them. Raises KeyError for an unknown name."""
    named_set = feature_set_named(name)
    if named_set is None:
        raise KeyError(name)
    return transform_in_chunks(named_set.fit(contents, seed), contents)


def feature_set_named(name: str) -> FeatureSet | None:
    """Return the feature set of that name, or None.

    One of an encoder is named KIND:MODEL, one of a table with columns that a lead has set records{...}; one that has
    another's columns before them, OTHER+KIND:MODEL.
    """
    first, plus, second = name.partition("+")
    if plus and first in FEATURE_SETS and (encoder := encoder_features(second)):
        return SideBySideFeatures(FEATURE_SETS[first], encoder)
    return encoder_features(name) or table_features(name) or FEATURE_SETS.get(name)


def encoder_model(name: str) -> str:
    """Return the model whose columns the feature set of that name has; "" where it has none of an encoder."""
    return name.partition(":")[2]


__all__ = [
    "FEATURE_SETS",
    "FeatureSet",
    "Transformer",
    "encoder_model",
    "feature_set_named",
    "features_of",
    "transform_in_chunks",
]
