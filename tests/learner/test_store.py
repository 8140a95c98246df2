"""Features on disk: whole rows whatever happens, and made again when lost."""

import fcntl
import json
import multiprocessing
import os
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from learner.engine.estimators.linear.linear_model import LinearModel
from learner.engine.features import FEATURE_SETS
from learner.engine.storage import append_only_arrays
from learner.engine.storage import feature_store as store_module
from learner.engine.storage.feature_store import FeatureStore

CHUNK = 7


@dataclass(frozen=True)
class Lengths:
    """A transformer that shows what it was fitted on and which text it saw."""

    fitted: int
    dimensions = 3

    def transform(self, texts):
        return np.array([[self.fitted, int(text), -int(text)] for text in texts], np.float32)

    def save(self, folder):
        (folder / "lengths.json").write_text(json.dumps(self.fitted))


class LengthFeatures:
    name = "lengths"
    needs_fit = True

    def fit(self, texts, seed):
        return Lengths(len(texts))

    def load(self, folder):
        return Lengths(json.loads((folder / "lengths.json").read_text()))


@dataclass(frozen=True)
class Bags:
    """Sparse: text i has the number i + 1 in i % 3 places; so some rows are empty."""

    dimensions = 5

    def transform(self, texts):
        counts = [int(text) % 3 for text in texts]
        indices = [place for count in counts for place in range(count)]
        data = [int(text) + 1 for text, count in zip(texts, counts, strict=True) for _ in range(count)]
        return csr_matrix((np.array(data, np.float32), indices, np.cumsum([0, *counts])), shape=(len(texts), 5))

    def save(self, folder):
        """Write nothing."""


class BagFeatures:
    name = "bags"
    needs_fit = False

    def fit(self, texts, seed):
        return Bags()

    def load(self, folder):
        return Bags()


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setitem(FEATURE_SETS, "bags", BagFeatures())
    monkeypatch.setitem(FEATURE_SETS, "lengths", LengthFeatures())


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path / "store")


def texts(count):
    def from_position(start):
        for low in range(start, count, CHUNK):
            yield [str(i) for i in range(low, min(low + CHUNK, count))]

    return from_position


def ensure(store, count, kind="lengths", **more):
    return store.ensure_rows(1, count, texts(count), kind, **more)


def assert_bags(store, count):
    found = store.open(1)
    assert isinstance(found, csr_matrix)
    np.testing.assert_array_equal(found.toarray(), Bags().transform([str(i) for i in range(count)]).toarray())


def assert_rows(store, fitted, count):
    np.testing.assert_array_equal(store.open(1), Lengths(fitted).transform([str(i) for i in range(count)]))


def test_nothing_is_an_empty_matrix(store):
    assert store.open(1).shape == (0, 0)
    assert store.row_count(1) == 0
    assert store.current_version(1) == ""
    assert store.current_transformer(1) is None
    assert store.load_model(1, 1) is None


def test_row_i_is_the_item_at_position_i(store):
    assert ensure(store, 40) == 40
    assert_rows(store, 40, 40)
    matrix = store.open(1)
    assert isinstance(matrix, np.memmap)
    assert not matrix.flags.writeable
    assert store.current_transformer(1).fitted == 40


def test_more_items_are_appended_in_the_same_version(store):
    ensure(store, 40)
    version, before = store.current_version(1), store.open(1)
    assert ensure(store, 60) == 60
    assert store.current_version(1) == version
    assert_rows(store, 40, 60)
    assert len(before) == 40  # who has it open keeps what they had


def test_a_pool_that_has_outgrown_its_fit_is_fitted_anew_beside(store):
    ensure(store, 40)
    version, before = store.current_version(1), store.open(1)
    seen = []
    ensure(store, 61, progress=lambda rows: seen.append((rows, store.current_version(1))))
    assert seen[-1] == (61, version)
    assert store.current_version(1) != version
    assert_rows(store, 61, 61)
    assert before[0, 0] == 40
    assert len(list((store.root / "1").glob("*-v*"))) == 1


def test_all_done_reads_no_text(store):
    ensure(store, 40)

    def never(start):
        raise AssertionError

    assert store.ensure_rows(1, 40, never, "lengths") == 40
    assert store.ensure_rows(1, 10, never, "lengths") == 40


def test_losing_the_folder_or_a_part_of_it_loses_nothing(store):
    ensure(store, 40)
    folder = store.root / "1"
    for spoil in (
        lambda: store.delete_project(1),
        lambda: (folder / "current.json").write_text("{"),
        lambda: next(folder.glob("*-v*/state.json")).write_text("null"),
        lambda: next(folder.glob("*-v*/rows.f32")).write_bytes(b"short"),
        lambda: next(folder.glob("*-v*/rows.f32")).unlink(),
    ):
        spoil()
        assert store.row_count(1) == 0
        ensure(store, 40)
        assert_rows(store, 40, 40)


def test_rows_of_another_format_are_made_again(store, monkeypatch):
    ensure(store, 40)
    version = store.current_version(1)
    monkeypatch.setattr(store_module, "STORE_FORMAT", 99)
    monkeypatch.setattr(store_module.VersionState.__init__, "__defaults__", (0, 0, False, 0, True, 99))
    assert store.current_version(1) == ""
    ensure(store, 40)
    assert store.current_version(1) not in ("", version)


def test_a_large_pool_has_quick_rows_first(store, monkeypatch):
    monkeypatch.setitem(store_module.QUICK_SUBSTITUTES, "lengths", "static")
    monkeypatch.setattr(store_module, "MIN_QUICK_ITEMS", 20)
    seen = []
    ensure(store, 40, progress=lambda rows: seen.append((rows, store.open(1).shape)))
    assert seen[0] == (CHUNK, (CHUNK, 256))
    assert_rows(store, 40, 40)


def test_an_aborted_build_goes_on_where_it_stopped(store):
    def stop(rows):
        raise InterruptedError

    for done in (7, 14):
        with pytest.raises(InterruptedError):
            ensure(store, 40, progress=stop)
        assert store.row_count(1) == done
    ensure(store, 40)
    assert_rows(store, 40, 40)


def test_another_feature_set_is_made_beside_and_takes_over(store):
    ensure(store, 40)
    version = store.current_version(1)
    assert ensure(store, 45, "bags", quick=True) == 45
    assert store.current_version(1) == version
    assert store.is_final(1, 45, "lengths")
    assert not store.is_final(1, 45, "bags")
    seen = []
    ensure(store, 45, "bags", progress=lambda _: seen.append(store.current_version(1)))
    assert set(seen) == {version}
    assert store.is_final(1, 45, "bags")
    assert_bags(store, 45)
    assert len(list((store.root / "1").glob("*-v*"))) == 1


def test_what_counts_grows_while_another_version_is_made(store):
    ensure(store, 40)
    grown = []
    ensure(store, 40, "bags", progress=lambda _: grown.append(ensure(FeatureStore(store.root), 43, quick=True)))
    assert set(grown) == {43}
    assert_bags(store, 40)


def test_an_aborted_version_beside_is_taken_up_again(store):
    def stop(rows):
        raise InterruptedError

    ensure(store, 40)
    for _ in range(2):
        with pytest.raises(InterruptedError):
            ensure(store, 40, "bags", progress=stop)
    seen = []
    ensure(store, 40, "bags", progress=seen.append)
    assert seen == [21, 28, 35, 40]
    assert store.current_version(1) == "bags-v2"
    assert_bags(store, 40)


def test_who_changed_their_mind_gets_what_they_want_now(store):
    def stop(rows):
        raise InterruptedError

    ensure(store, 40)
    with pytest.raises(InterruptedError):
        ensure(store, 40, "bags", progress=stop)
    ensure(store, 70)
    assert_rows(store, 70, 70)
    assert len(list((store.root / "1").glob("*-v*"))) == 1


def test_an_error_stands_until_a_version_is_made(store):
    ensure(store, 40)
    assert store.last_error(1) == ""
    store.record_error(1, "no network")
    assert store.last_error(1) == "no network"
    ensure(store, 40, "bags")
    assert store.last_error(1) == ""


def test_sparse_rows_are_mapped_and_appended(store):
    assert ensure(store, 10, "bags") == 10
    assert_bags(store, 10)
    before = store.open(1)
    assert not before.data.flags.writeable
    ensure(store, 40, "bags")
    assert_bags(store, 40)
    assert before.shape == (10, 5)


def test_sparse_rows_that_are_all_empty(store):
    assert store.ensure_rows(1, 3, lambda start: iter([["0", "3", "6"][start:]]), "bags") == 3
    assert store.open(1).shape == (3, 5)
    assert store.open(1).nnz == 0


def test_sparse_files_that_are_too_short_are_made_again(store):
    for name in ("data.f32", "indices.i32", "ends.i64"):
        ensure(store, 40, "bags")
        path = next((store.root / "1").glob(f"*-v*/{name}"))
        path.write_bytes(path.read_bytes()[:-4])
        assert store.row_count(1) == 0
    ensure(store, 40, "bags")
    assert_bags(store, 40)


def _killed_at(root, line, count, kind="lengths"):
    """Work on the store in this process, and die before the given line of it."""
    left = line

    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename not in (store_module.__file__, append_only_arrays.__file__):
            return None
        if event == "line":
            left -= 1
            if left < 0:
                os._exit(9)
        return trace

    sys.settrace(trace)
    ensure(FeatureStore(root), count, kind)
    sys.settrace(None)
    os._exit(0)


def run_killed(root, line, count, kind="lengths"):
    child = multiprocessing.get_context("fork").Process(target=_killed_at, args=(root, line, count, kind))
    child.start()
    child.join(30)
    return child.exitcode


@pytest.mark.parametrize("before", [0, 10, 18])
def test_a_writer_killed_at_any_line_leaves_whole_rows(tmp_path, before):
    """From nothing, with a refit, and by appending: the next reader and the next writer never notice."""
    line, step = 0, 19
    while True:
        store = FeatureStore(tmp_path / str(line))
        if before:
            ensure(store, before)
        code = run_killed(store.root, line, 20)
        rows = store.open(1)
        assert len(rows) in {0, before, 7, 14, 17, 20} | {before + 7}
        if len(rows):
            np.testing.assert_array_equal(rows[:, 1], np.arange(len(rows)))
            assert len(set(rows[:, 0].tolist())) == 1
        ensure(store, 20)
        assert_rows(store, {0: 20, 10: 20, 18: 18}[before], 20)
        if code == 0:
            break
        line += step
    assert line > 30


@pytest.mark.parametrize("before", ["", "bags", "lengths"])
def test_a_writer_of_sparse_rows_killed_at_any_line_leaves_whole_rows(tmp_path, before):
    """From nothing, by appending, and beside other rows."""
    line = 0
    while True:
        store = FeatureStore(tmp_path / str(line))
        if before:
            ensure(store, 10, before)
        code = run_killed(store.root, line, 20, "bags")
        rows = store.open(1)
        if isinstance(rows, csr_matrix):
            assert_bags(store, rows.shape[0])
        elif len(rows):
            np.testing.assert_array_equal(rows[:, 1], np.arange(len(rows)))
        ensure(store, 20, "bags")
        assert_bags(store, 20)
        if code == 0:
            break
        line += 67
    assert line > 30


def _fill(root, count):
    ensure(FeatureStore(root), count)
    os._exit(0)


def test_two_writers_at_once_make_one_matrix(store):
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=_fill, args=(store.root, 500)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert_rows(store, 500, 500)


def test_who_will_not_wait_is_told_what_there_is(store):
    ensure(store, 10)
    with (store.root / "1" / "lock").open("w") as file:  # as another process holds it
        fcntl.flock(file, fcntl.LOCK_EX)
        assert FeatureStore(store.root).ensure_rows(1, 14, texts(14), "lengths", wait=False) == 10
    assert ensure(store, 14) == 14


def test_models_come_back_and_replace_each_other(store):
    for intercept in (1.0, 2.0):
        model = LinearModel(np.ones((3, 2), np.float32), np.full(2, intercept, np.float32), ("a", "b"), "lengths-v1")
        store.save_model(1, 4, model)
        again = store.load_model(1, 4)
        assert again.intercept.tolist() == [intercept, intercept]
        assert again.features == "lengths-v1"
    assert [path.name for path in (store.root / "1" / "models").iterdir()] == ["4"]


def test_the_default_features_of_text_serve_other_texts_too(store):
    pool = [f"{word} number {i}" for i, word in enumerate(["free prize", "see you", "call now", "at home"] * 10)]
    store.ensure_rows(2, 40, lambda start: iter([pool[start:]]))
    np.testing.assert_allclose(store.current_transformer(2).transform(pool[:5]), store.open(2)[:5], atol=1e-5)


def kept_models(store):
    return sorted(int(folder.name) for folder in store._model_folder("p", 1).parent.iterdir() if folder.is_dir())


def test_models_of_rounds_are_pruned_but_for_every_tenth_and_not_while_a_report_needs_them(store):
    for number in range(1, 26):
        store._model_folder("p", number).mkdir(parents=True)
    with store.keep_all_models("p"):
        store.prune_models("p", 25)
        assert len(kept_models(store)) == 25
    store.prune_models("p", 25)
    assert kept_models(store) == [10, 20, 25]
