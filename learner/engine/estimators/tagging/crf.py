"""A linear-chain conditional random field over tokens, for spans of a text.

Lafferty, McCallum and Pereira, "Conditional random fields", ICML 2001; trained by stochastic gradient descent with an
L2 penalty, as CRFsuite does it (Okazaki 2007): as good as L-BFGS here, in half the time.
"""

import ctypes
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from annotation.text.tags import tags_of
from annotation.text.tokens import tokenize
from learner.engine.estimators.tagging.crf_model import CrfModel
from learner.engine.estimators.tagging.token_features import token_features

WEIGHT_PENALTY = 0.02  # on the squared weights
MAX_CRF_PASSES = 10  # over the labelled texts
ALL_PASSES_TEXTS = 3000  # labelled texts up to which the passes are so many
MIN_CRF_PASSES = 3

TaggedText = tuple[list[list[str]], list[str]]  # of each token: its features, and its tag


def fit(
    features: NDArray[Any], labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> CrfModel:
    """Fit to `features`, here texts (m,), and their answers (m,): JSON lists of spans, as `target` writes them."""
    answers = [json.loads(label) for label in labels]
    names = sorted({span["label"] for spans in answers for span in spans})
    passes = max(MIN_CRF_PASSES, min(MAX_CRF_PASSES, MAX_CRF_PASSES * ALL_PASSES_TEXTS // max(len(answers), 1)))
    return CrfModel(_train_crf(_tagged_texts(features, answers), seed, passes), tuple(names))


def fit_total_uncertainty(
    features: NDArray[Any], labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> CrfModel:
    """Fit likewise; a text is as uncertain as all its words together."""
    return replace(fit(features, labels, seed, is_random_sample), measure="total_token_margin")


def _tagged_texts(texts: NDArray[Any], answers: list[Any]) -> Iterator[TaggedText]:
    for text, spans in zip(texts, answers, strict=True):
        if words := tokenize(text):
            yield token_features(words), tags_of(words, spans)


def _train_crf(tagged: Iterator[TaggedText], seed: int, passes: int) -> NDArray[np.uint8]:
    """Return the bytes of CRFsuite's own model file."""
    trainer = pycrfsuite.Trainer(algorithm="l2sgd", verbose=False)
    trainer.set_params({"c2": WEIGHT_PENALTY, "max_iterations": passes, "feature.possible_transitions": True})
    for words, tags in tagged:
        trainer.append(words, tags)
    ctypes.CDLL(None).srand(seed % 2**31)  # it shuffles the texts by C's own generator
    with TemporaryDirectory(prefix="margin-crf-") as folder:
        path = Path(folder) / "model"
        trainer.train(str(path))
        return np.frombuffer(path.read_bytes(), np.uint8)
