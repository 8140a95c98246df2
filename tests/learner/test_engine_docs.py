"""The engine without Django: what docs/engine.md shows runs in a plain Python file."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from learner.engine.active_learner import ActiveLearner, IterationSettings
from learner.engine.estimators import ESTIMATORS, from_sklearn, load_saved_model, register
from learner.engine.storage.feature_store import FeatureStore
from tests.learner.test_estimators import blobs
from tests.test_layers import ROOT

EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/engine.md").read_text(encoding="utf-8"), re.DOTALL)
BLOCKED = """
import sys

class NoDjango:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "rest_framework", "celery", "redis", "alproject"):
            raise ImportError(f"{name} has no place in the engine")

sys.meta_path.insert(0, NoDjango())
sys.path.insert(0, ".")
"""


def run(code: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO", "MARGIN"))}
    command = [sys.executable, "-c", BLOCKED + code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(code: str) -> int:
    return len([line for line in code.splitlines() if line and not line.startswith(("import", "from"))])


def test_the_loop_has_ten_lines_and_learns_without_django():
    loop, _, _ = EXAMPLES
    assert lines(loop) <= 10
    assert float(run(loop).split()[0]) > 0.93


def test_a_search_finds_most_and_says_so_without_django():
    _, search, _ = EXAMPLES
    found, more = run(search).splitlines()
    assert int(found.split()[0]) > 100
    assert 0.5 < float(found.split()[4].rstrip("%")) / 100 <= 1
    assert float(more.split()[0]) < 30


def test_a_classifier_of_ones_own_is_plugged_in():
    _, _, plug_in = EXAMPLES
    assert lines(plug_in) <= 5
    assert "'low'" in run(plug_in)


def test_django_is_really_blocked():
    with pytest.raises(AssertionError, match="no place in the engine"):
        run("import learner.models")


@pytest.fixture
def registered(monkeypatch):
    """A registered k-nearest-neighbours estimator."""
    monkeypatch.setitem(ESTIMATORS, "neighbours", None)  # so that it is taken back
    register("neighbours", from_sklearn(KNeighborsClassifier(5)))
    return ESTIMATORS["neighbours"]


@pytest.mark.parametrize("form", [np.asarray, csr_matrix], ids=["dense", "sparse"])
def test_a_model_of_it_is_fitted_again_from_what_is_stored(registered, form, tmp_path):
    features, labels = blobs(60, spread=0.6)
    model = registered(form(features), labels, 1).tag_features("v1")
    others = blobs(100, seed=1, spread=0.6)[0]
    model.save(tmp_path)
    again = load_saved_model(tmp_path)
    assert (again.classes, again.features, again.kind) == (model.classes, "v1", "refitted")
    np.testing.assert_array_equal(again.predict_proba(form(others)), model.predict_proba(form(others)))
    assert (model.predict(others) == KNeighborsClassifier(5).fit(features, labels).predict(others)).all()
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert all(array.dtype.kind in "if" for array in arrays.values())


def test_a_stored_model_that_nothing_can_read_is_as_if_it_was_not_there(registered, monkeypatch, tmp_path):
    store = FeatureStore(tmp_path)
    store.save_model(1, 1, registered(*blobs(30), 1))
    assert store.load_model(1, 1).kind == "refitted"
    monkeypatch.delitem(ESTIMATORS, "neighbours")
    assert store.load_model(1, 1) is None


def test_it_gets_the_seed_and_learns_in_the_loop(monkeypatch):
    monkeypatch.setitem(ESTIMATORS, "own", None)
    register("own", from_sklearn(LogisticRegression(solver="saga", max_iter=2000)))
    features, labels = blobs(300, spread=0.4)
    assert ESTIMATORS["own"](features, labels, 7).classifier.random_state == 7
    learner = ActiveLearner(features, IterationSettings(estimator="own", strategy="margin"), seed=1)
    while len(learner.labels) < 60:
        rows = learner.query(10)
        assert len(rows) == 10
        assert not set(rows.tolist()) & set(learner.labels)
        learner.teach(rows, labels[rows])
    assert (learner.fit().predict(features) == labels).mean() > 0.9


def test_what_cannot_be_an_estimator_is_refused(tmp_path):
    with pytest.raises(TypeError, match="CalibratedClassifierCV"):
        from_sklearn(LinearSVC())
    for name in ("logistic", "", "a:b"):
        with pytest.raises(ValueError, match="cannot be called"):
            register(name, from_sklearn(LogisticRegression()))
    with pytest.raises(ValueError, match="Register"):
        from_sklearn(LogisticRegression())(*blobs(20), 1).save(tmp_path)
