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
from annotation.text.tokens import tokens
from learner.engine.estimators.tagging.crf_model import CrfModel
from learner.engine.estimators.tagging.token_features import observations

PENALTY = 0.02  # on the squared weights
PASSES = 10  # over the labelled texts
ROWS = 3000  # labelled texts up to which the passes are so many
FEWEST = 3  # passes

Tagged = tuple[list[list[str]], list[str]]  # of each token: what is seen of it, and its tag


def fit(features: NDArray[Any], labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> CrfModel:
    """Fit to `features`, here texts (m,), and their answers (m,): JSON lists of spans, as `target` writes them."""
    answers = [json.loads(label) for label in labels]
    names = sorted({span["label"] for spans in answers for span in spans})
    passes = max(FEWEST, min(PASSES, PASSES * ROWS // max(len(answers), 1)))
    return CrfModel(_train(_tagged(features, answers), seed, passes), tuple(names))


def fit_total(
    features: NDArray[Any], labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None
) -> CrfModel:
    """Fit likewise; a text is as doubtful as all its words together."""
    return replace(fit(features, labels, seed, fair), doubt="total_token_margin")


def _tagged(texts: NDArray[Any], answers: list[Any]) -> Iterator[Tagged]:
    for text, spans in zip(texts, answers, strict=True):
        found = tokens(text)
        if found:
            yield observations(found), tags_of(found, spans)


def _train(tagged: Iterator[Tagged], seed: int, passes: int) -> NDArray[np.uint8]:
    """Return the bytes of CRFsuite's own model file."""
    trainer = pycrfsuite.Trainer(algorithm="l2sgd", verbose=False)
    trainer.set_params({"c2": PENALTY, "max_iterations": passes, "feature.possible_transitions": True})
    for seen, tags in tagged:
        trainer.append(seen, tags)
    ctypes.CDLL(None).srand(seed % 2**31)  # it shuffles the texts by C's own generator
    with TemporaryDirectory(prefix="margin-crf-") as folder:
        path = Path(folder) / "model"
        trainer.train(str(path))
        return np.frombuffer(path.read_bytes(), np.uint8)
