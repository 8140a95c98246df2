"""A pool in shards: cut where chunks begin, scored apart, and put together to the very bits of the whole."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from learner.engine.answer_profiles import CLASSIFIERS
from learner.engine.arrays import blas_threads
from learner.engine.arrays.batched_scoring import BATCH_ROWS
from learner.engine.arrays.sparse import slice_rows
from learner.engine.estimators import ESTIMATORS, load_saved_model
from learner.engine.estimators.linear.linear_model import LinearModel
from learner.engine.storage.shard_scores import ScoreFiles, split_rows_into_shards
from learner.engine.uncertainty.pool_scores import PoolScores, score_pool

CLASSIFIER = LinearModel(np.ones((1, 2), np.float32), np.zeros(2, np.float32), ("a", "b"))
ITEMS = 6 * BATCH_ROWS + 701  # seven chunks, the last one short
CLASSES = [f"class {n}" for n in range(8)]  # from eight columns on, products differ by who shares them


def pool(sparse):
    rng = np.random.default_rng(0)
    if sparse:
        return csr_matrix(random_array((ITEMS, 40), density=0.1, rng=rng, dtype=np.float32))
    return rng.standard_normal((ITEMS, 40), np.float32)


@pytest.mark.parametrize("rows", [1, BATCH_ROWS, BATCH_ROWS + 1, 4 * BATCH_ROWS, 10**9])
@pytest.mark.parametrize("items", [1, BATCH_ROWS, BATCH_ROWS + 1, ITEMS])
def test_shards_follow_each_other_and_begin_where_chunks_do(items, rows):
    cut = split_rows_into_shards(items, rows)
    assert (cut[0][0], cut[-1][1]) == (0, items)
    assert all(before[1] == after[0] for before, after in pairwise(cut))
    assert all(start % BATCH_ROWS == 0 for start, _ in cut)
    lengths = [-(-(stop - start) // BATCH_ROWS) for start, stop in cut]
    assert max(lengths) <= max(rows // BATCH_ROWS, 1)
    assert max(lengths) - min(lengths) <= 1


def test_an_empty_pool_has_no_shards():
    assert split_rows_into_shards(0, 10) == []


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("name", sorted(CLASSIFIERS))
def test_shards_come_out_bit_for_bit_as_the_whole(name, sparse, tmp_path, monkeypatch):
    monkeypatch.setattr(blas_threads, "SINGLE_THREAD_ITEMS", ITEMS)  # several threads in the whole, one in a shard
    features = pool(sparse)
    labels = np.array(CLASSES)[np.arange(80) % len(CLASSES)]
    model = ESTIMATORS[name](features[:80], labels, 1)
    whole = model.predict_proba(features)
    model.save(tmp_path / "model")
    for number, rows in [(1, 7 * BATCH_ROWS), (2, 4 * BATCH_ROWS), (7, BATCH_ROWS)]:
        files, cut = ScoreFiles(tmp_path / str(number)), split_rows_into_shards(ITEMS, rows)
        files.create_folder()
        assert len(cut) == number
        for shard in reversed(cut):
            files.write(shard, score_pool(load_saved_model(tmp_path / "model"), slice_rows(features, *shard)))
        np.testing.assert_array_equal(files.read(cut, model).proba, whole)


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (3, 9), (7, 12), (4, 4)])
def test_a_stretch_of_sparse_rows_shares_their_numbers(start, stop):
    features = csr_matrix(random_array((12, 6), density=0.4, rng=np.random.default_rng(1), dtype=np.float32))
    cut = slice_rows(features, start, stop)
    np.testing.assert_array_equal(cut.toarray(), features.toarray()[start:stop])
    assert cut.nnz == 0 or np.shares_memory(cut.data, features.data)


def test_a_shard_is_missing_until_it_is_whole(tmp_path):
    files, cut = ScoreFiles(tmp_path / "scores"), split_rows_into_shards(2 * BATCH_ROWS, BATCH_ROWS)
    files.create_folder()
    assert files.missing(cut) == cut
    (tmp_path / "scores" / "0-2048.npy.left-by-the-dead.new").write_bytes(b"half")
    files.write(cut[1], PoolScores(proba=np.ones((BATCH_ROWS, 2), np.float32)))
    assert files.missing(cut) == cut[:1]
    with pytest.raises(FileNotFoundError):
        files.read(cut, CLASSIFIER)


def test_who_comes_when_the_folder_is_gone_leaves_nothing(tmp_path):
    files = ScoreFiles(tmp_path / "scores")
    with pytest.raises(FileNotFoundError):
        files.write((0, 1), PoolScores(proba=np.ones((1, 2), np.float32)))
    assert list(tmp_path.iterdir()) == []


def test_several_may_write_the_same_shard_at_once(tmp_path):
    files, shard = ScoreFiles(tmp_path), (0, BATCH_ROWS)
    proba = np.random.default_rng(0).random((BATCH_ROWS, 8), np.float32)
    wrong = []

    def write():
        files.write(shard, PoolScores(proba=proba))
        wrong.extend([] if np.array_equal(files.read([shard], CLASSIFIER).proba, proba) else [1])

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not wrong
    assert [path.name for path in tmp_path.iterdir()] == ["0-2048.npy"]


def test_uncertainties_are_kept_as_they_are_and_those_of_the_version_before_are_read(tmp_path):
    features = np.random.default_rng(0).standard_normal((2 * BATCH_ROWS, 4)).astype(np.float32)
    numbers = np.where(features[:80, 0] > 0, "3", "1")
    model = ESTIMATORS["ridge"](features[:80], numbers, 1)
    whole, files, cut = (
        score_pool(model, features),
        ScoreFiles(tmp_path),
        split_rows_into_shards(len(features), BATCH_ROWS),
    )
    assert whole.proba is None
    assert whole.uncertainty.shape == (len(features),)
    files.write(cut[0], score_pool(model, slice_rows(features, *cut[0])))
    half = whole.uncertainty[slice(*cut[1])] / 2
    np.save(tmp_path / f"{cut[1][0]}-{cut[1][1]}.npy", np.stack([1 - half, half], axis=1))
    np.testing.assert_array_equal(files.read(cut, model).uncertainty, whole.uncertainty)
