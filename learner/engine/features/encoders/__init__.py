"""Encoders: features by neural networks, optional and slow. Add a kind by a file here and a line in ENCODERS."""

from learner.engine.features.encoders import images, sentences
from learner.engine.features.encoders.encoding import Encoder, EncoderFeatures, EncoderKind, EncoderMissing

ENCODERS: dict[str, EncoderKind] = {kind.name: kind for kind in (sentences.KIND, images.KIND)}


def encoder_features(name: str) -> EncoderFeatures | None:
    """Return the feature set of that name, KIND:MODEL; None where it is not one of an encoder."""
    kind, colon, model = name.partition(":")
    return EncoderFeatures(ENCODERS[kind], model) if colon and kind in ENCODERS else None


__all__ = ["ENCODERS", "Encoder", "EncoderFeatures", "EncoderKind", "EncoderMissing", "encoder_features"]
