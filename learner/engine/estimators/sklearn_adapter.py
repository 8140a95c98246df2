"""A classifier of scikit-learn, or one that behaves like it, as an estimator.

A fitted classifier of somebody else cannot be stored without pickle. So what is stored is what it was fitted to, and
loading it fits it again: the same labels and seed give the same model.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.base import clone

from learner.engine.arrays.batched_scoring import Floats, Rows, check_feature_width, score_in_batches
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.class_probabilities import ClassifierMixin
from learner.engine.estimators.model_files import read_model, write_model


class SklearnClassifier(Protocol):
    """What is asked of a classifier, beside that scikit-learn can clone it."""

    classes_: NDArray[Any]  # once it is fitted

    def fit(self, features: Matrix, labels: NDArray[Any], /) -> object: ...

    def predict_proba(self, features: Matrix, /) -> NDArray[np.floating[Any]]: ...

    def get_params(self) -> dict[str, object]: ...

    def set_params(self, **params: object) -> object: ...


@dataclass(frozen=True)
class SklearnEstimator:
    """Fits clones of a classifier."""

    classifier: SklearnClassifier
    name: str = ""  # its key of ESTIMATORS, by which its stored models find it

    def __call__(
        self, features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
    ) -> "SklearnModel":
        """Fit a clone, with the seed as its random state where it has one."""
        fitted: SklearnClassifier = clone(self.classifier)
        if "random_state" in fitted.get_params():
            fitted.set_params(random_state=seed % 2**32)
        labels = np.asarray(labels).astype(str)
        with limit_blas_threads(1):
            fitted.fit(features, labels)
        return SklearnModel(fitted, self.name, features, labels, seed)

    def load(self, folder: Path) -> "SklearnModel":
        """Fit a model again that was saved there."""
        metadata, arrays = read_model(folder)
        features = arrays["features"] if "features" in arrays else _features_from_arrays(arrays)
        return self(features, np.array(metadata["labels"]), metadata["seed"]).tag_features(metadata["features"])


@dataclass(frozen=True)
class SklearnModel(ClassifierMixin):
    """A fitted classifier, and what it was fitted to."""

    kind: ClassVar[str] = "refitted"

    classifier: SklearnClassifier
    estimator: str  # the name that it is registered under
    train_features: Matrix  # (m, d)
    train_labels: NDArray[np.str_]  # (m,)
    seed: int
    features: str = ""  # version of the features it was fitted on

    @property
    def classes(self) -> tuple[str, ...]:  # type: ignore[override]
        """The classes that had labels, sorted."""
        return tuple(str(name) for name in self.classifier.classes_)

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of these. Raises ValueError for another width."""
        check_feature_width(features, self.train_features.shape[1])
        return score_in_batches(features, rows, len(self.classes), self._score_block)

    def _score_block(self, block: Matrix) -> Floats:
        return np.asarray(self.classifier.predict_proba(block), np.float32)

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write what it was fitted to. Raises ValueError for a model whose estimator has no name to find it by."""
        if not self.estimator:
            raise ValueError("Register the estimator: a model of one without a name could not be loaded again.")
        metadata = {"estimator": self.estimator, "seed": self.seed, "features": self.features}
        write_model(
            folder,
            self.kind,
            metadata | {"labels": self.train_labels.tolist()},
            _arrays_of_features(self.train_features),
        )


def from_sklearn(classifier: SklearnClassifier) -> SklearnEstimator:
    """Return an estimator that fits clones of the classifier. Raises TypeError where that has no probabilities."""
    if not hasattr(classifier, "predict_proba"):
        raise TypeError(f"{type(classifier).__name__} has no predict_proba: wrap it in a CalibratedClassifierCV.")
    return SklearnEstimator(classifier)


def _arrays_of_features(features: Matrix) -> dict[str, NDArray[Any]]:
    if not issparse(features):
        return {"features": np.asarray(features)}
    sparse = csr_matrix(features)
    shape = np.array(sparse.shape)
    return {"data": sparse.data, "indices": sparse.indices, "indptr": sparse.indptr, "shape": shape}


def _features_from_arrays(arrays: dict[str, NDArray[Any]]) -> csr_matrix:
    return csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=tuple(arrays["shape"]))
