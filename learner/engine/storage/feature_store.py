"""Feature matrices and models on disk; knows paths, never Django.

    <root>/<project>/current.json            which version counts
    <root>/<project>/<version>/state.json    how many rows of it are whole
    <root>/<project>/<version>/rows.f32      the matrix: row i is the item at position i; sparse: append_only_arrays
    <root>/<project>/<version>/...           what the fitted transformer saved
    <root>/<project>/models/<number>/        the model of a round
    <root>/<project>/scores/<number>/        its scores of each item, while a round is scored in shards: model_store
    <root>/<project>/lock, beside.lock       held by who appends to what counts; by who makes the next version

Everything here can be made again from the items, so losing the folder loses nothing. A writer that is killed at any
line leaves the old state or the new one: rows are written past the counted ones and counted by replacing a small
file. Readers take no lock.
"""

import fcntl
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from scipy.sparse import issparse

from learner.engine.arrays.sparse import Matrix
from learner.engine.column_views import base_version, view_of_version, viewed_columns
from learner.engine.features import FeatureSet, Transformer, encoder_model, feature_set_named
from learner.engine.features.side_by_side import SideBySide
from learner.engine.features.tfidf_terms import MAX_FITTED_TEXTS
from learner.engine.storage.append_only_arrays import RowFiles, row_files
from learner.engine.storage.model_store import ModelStore
from learner.engine.storage.version_state import STORE_FORMAT, VersionState, read_json, read_state, write_json

Texts = Callable[[int], Iterator[list[str]]]  # the texts from a position on, in order, in chunks

REFIT_GROWTH = 1.5  # a pool this many times what was fitted on is fitted again
QUICK_SUBSTITUTES = {"text": "static"}  # feature sets that are ready sooner, so that labelling can start
MIN_QUICK_ITEMS = 5000  # of a pool, from which that is worth it
NEXT_VERSION_LOCK = "beside.lock"
SLOW_SUBSTITUTES = {
    "encoder": "text",
    "image_encoder": "images",
    "text+encoder": "text",
    "images+image_encoder": "images",
}  # the same of feature sets that are slow with any pool
SLOW_CHUNK_ITEMS = dict.fromkeys((*SLOW_SUBSTITUTES, "images"), 128)  # items between two looks at the clock


def _ignore_progress(rows: int) -> None:
    """Never abort."""


class FeatureStore(ModelStore):
    """The features of all projects under one folder, and the models of their rounds."""

    # Reading

    def open(self, project: int | str) -> Matrix:
        """Return the current matrix, (rows, d), read-only and mapped; (0, 0) when there is none yet.

        Where the feature set makes sparse rows it is a scipy.sparse.csr_matrix.
        """
        for _ in range(10):
            folder = self._current_folder(project)
            if folder is None:
                break
            try:
                return self._open_matrix(folder)
            except FileNotFoundError:  # a new version took its place between the two looks
                continue
        return np.empty((0, 0), np.float32)

    def open_version(self, project: int | str, version: str) -> Matrix:
        """Return the matrix of a version that may no longer be the current one, or a view of it.

        Raises FileNotFoundError.
        """
        folder = self._project_folder(project) / base_version(version)
        if not version or not self._is_valid(folder):
            raise FileNotFoundError(folder)
        return self.viewed(project, self._open_matrix(folder), version)

    def viewed(self, project: int | str, features: Matrix, version: str) -> Matrix:
        """Return those columns of a version's features, or of others made as they were, that its view names."""
        return viewed_columns(features, self.plain_dimensions(project, version), view_of_version(version))

    def plain_dimensions(self, project: int | str, version: str) -> int:
        """Return how many columns come before those of an encoder; 0 where a version has one set of columns."""
        state = read_state(self._project_folder(project) / base_version(version))
        return state.plain_dimensions if state else 0

    def row_count(self, project: int | str) -> int:
        """Return how many items have features."""
        return int(self.open(project).shape[0])

    def current_version(self, project: int | str) -> str:
        """Return the name of the current version; "" when there is none."""
        folder = self._current_folder(project)
        return folder.name if folder else ""

    def current_transformer(self, project: int | str) -> Transformer | None:
        """Return what made the current matrix, to apply it to other texts; None when there is none."""
        folder = self._current_folder(project)
        return self._load_transformer(folder) if folder else None

    def is_encoder_readable(self, project: int | str, version: str) -> bool:
        """Whether the encoder of a version knows what the items are made of, as far as could be told."""
        state = read_state(self._project_folder(project) / base_version(version))
        return state is None or state.is_encoder_readable

    # Writing

    def ensure_rows(
        self,
        project: int | str,
        count: int,
        texts: Texts,
        feature_set: str = "text",
        seed: int = 0,
        *,
        wait: bool = True,
        quick: bool = False,
        progress: Callable[[int], None] = _ignore_progress,
    ) -> int:
        """Bring the features up to `count` items and return how many rows there are.

        Fits again when there is no valid version, another feature set is asked for, or the pool has outgrown what it
        was fitted on; that happens beside the current version, which stays in use, and grows, until the new one is
        whole. With `wait` false it returns at once when another writer has the lock. With `quick` it leaves a version
        that is due to be made again as it is, and where that takes long it makes the version that is ready sooner:
        `is_final` then says no, and a call without `quick` goes on. `progress` is called with the rows done after each
        chunk; it may raise to abort.
        """
        if not self._is_complete(project, count, feature_set, quick=True):
            with self._project_lock(project, wait=wait) as is_locked:
                if not is_locked:
                    return self.row_count(project)
                if not self._is_complete(project, count, feature_set, quick=True):
                    self._append_or_create(project, count, texts, feature_set, seed, progress)
        if not quick and not self._is_complete(project, count, feature_set, quick=False):
            with self._project_lock(project, NEXT_VERSION_LOCK, wait=wait) as is_locked:
                if is_locked and not self._is_complete(project, count, feature_set, quick=False):
                    self._build_replacement(project, count, texts, feature_set, seed, progress)
        return self.row_count(project)

    def is_final(self, project: int | str, count: int, feature_set: str = "text") -> bool:
        """Whether there is nothing better to make for a pool of `count` items."""
        return self._is_complete(project, count, feature_set, quick=False)

    def discard_current_version(self, project: int | str) -> None:
        """Let the current version count no more, because what made it cannot be used any longer."""
        with self._project_lock(project, wait=True):
            (self._project_folder(project) / "current.json").unlink(missing_ok=True)

    def record_error(self, project: int | str, reason: str) -> None:
        """Remember why a new version could not be made, until one is."""
        write_json(self._project_folder(project) / "complaint.json", {"why": reason})

    def last_error(self, project: int | str) -> str:
        """Return why the last new version could not be made; "" when it could."""
        return str(read_json(self._project_folder(project) / "complaint.json").get("why", ""))

    def hold_features(self, project: int | str, number: int, version: str) -> bool:
        """Keep the current version until `drop_scores`, for a round; return whether it still is the current one."""
        version = base_version(version)
        with self._project_lock(project, wait=True):
            if self.current_version(project) != version:
                return False
            mark = self._project_folder(project) / "scores" / f"{number}.features"
            mark.parent.mkdir(exist_ok=True)
            mark.write_text(version)
            return True

    def drop_scores(self, project: int | str) -> None:
        """Remove the shards of all rounds, and the features that only they needed."""
        held = self.held_features(project)
        super().drop_scores(project)
        for version in held - {self.current_version(project)}:
            shutil.rmtree(self._project_folder(project) / version, ignore_errors=True)

    def delete_project(self, project: int | str) -> None:
        """Remove all files of a project."""
        shutil.rmtree(self._project_folder(project), ignore_errors=True)

    def _append_or_create(
        self,
        project: int | str,
        count: int,
        texts: Texts,
        feature_set: str,
        seed: int,
        progress: Callable[[int], None],
    ) -> None:
        """Append to the current version; where there is none, begin one and use its rows as they come."""
        current = self._current_folder(project)
        if current is None:
            with self._project_lock(project, NEXT_VERSION_LOCK, wait=False) as is_locked:
                if is_locked:
                    self._remove_other_versions(project)
            current = self._create_version(project, count, texts, _initial_feature_set(feature_set, count), seed)
            self._set_current(project, current)
        self._append_rows(project, current, count, texts, progress)

    def _build_replacement(
        self,
        project: int | str,
        count: int,
        texts: Texts,
        feature_set: str,
        seed: int,
        progress: Callable[[int], None],
    ) -> None:
        """Make a new version beside the current one, or finish one that was left, and put it in its place."""
        new = self._unfinished_version(project, count, feature_set)
        with self._project_lock(project, wait=True):
            self._remove_other_versions(project, new)
        if new is None:
            new = self._create_version(project, count, texts, feature_set, seed)
        self._append_rows(project, new, count, texts, progress)
        with self._project_lock(project, wait=True):
            self._set_current(project, new)
            self._remove_other_versions(project)
        (self._project_folder(project) / "complaint.json").unlink(missing_ok=True)

    def _unfinished_version(self, project: int | str, count: int, feature_set: str) -> Path | None:
        """Return a version that somebody began to make beside the current one and did not finish."""
        current = self._current_folder(project)
        for folder in self._project_folder(project).glob("*-v*"):
            if folder != current and self._is_valid(folder) and not self._needs_refit(folder, count, feature_set):
                return folder
        return None

    def _create_version(self, project: int | str, count: int, texts: Texts, feature_set: str, seed: int) -> Path:
        """Fit a new version and write it down with no rows yet."""
        kind = _require_feature_set(feature_set)
        transformer = kind.fit(_fitting_sample(texts, count, seed) if kind.needs_fit else [], seed)
        sparse = issparse(transformer.transform([]))
        folder = self._new_folder(project, kind.name)
        transformer.save(folder)
        state = VersionState(feature_set, transformer.dimensions, count, sparse=sparse)
        if isinstance(transformer, SideBySide):
            plain, readable = transformer.first.dimensions, transformer.is_second_readable
            state = replace(state, plain_dimensions=plain, is_encoder_readable=readable)
        write_json(folder / "state.json", asdict(state))
        return folder

    def _append_rows(
        self, project: int | str, folder: Path, count: int, texts: Texts, progress: Callable[[int], None]
    ) -> None:
        """Append the rows from where the version ends up to `count`."""
        state, transformer = read_state(folder), self._load_transformer(folder)
        if state is None or state.rows >= count:
            return
        files = _row_files(folder, state)
        max_texts = SLOW_CHUNK_ITEMS.get(_require_feature_set(state.feature_set).name)
        encoded = self._encoded_rows(project, folder, state)
        for chunk in _split_chunks(texts(state.rows), max_texts):
            chunk = chunk[: count - state.rows]
            if not chunk:
                return
            known = encoded[state.rows : state.rows + len(chunk)]
            if isinstance(transformer, SideBySide) and len(known) == len(chunk):
                block: Matrix = transformer.transform_beside(chunk, np.asarray(known))
            else:
                block = transformer.transform(chunk)
            entries = files.append(block, state.rows, state.entries)
            state = replace(state, rows=state.rows + len(chunk), entries=entries)
            write_json(folder / "state.json", asdict(state))
            progress(state.rows)

    def _encoded_rows(self, project: int | str, folder: Path, state: VersionState) -> Matrix:
        """Return what the encoder of a version has made of the items already, for the current one: nothing twice."""
        current = self._current_folder(project)
        made = read_state(current) if current and current != folder else None
        model = encoder_model(state.feature_set)
        if current is None or made is None or not made.plain_dimensions or encoder_model(made.feature_set) != model:
            return np.empty((0, 0), np.float32)
        return self._open_matrix(current)[:, made.plain_dimensions :]

    # What there is

    def _is_complete(self, project: int | str, count: int, feature_set: str, *, quick: bool) -> bool:
        """Whether the current version has `count` rows and, unless `quick`, is not due to be fitted again."""
        folder = self._current_folder(project)
        state = read_state(folder) if folder else None
        if folder is None or state is None or state.rows < count:
            return False
        return quick or not self._needs_refit(folder, count, feature_set)

    def _needs_refit(self, folder: Path, count: int, feature_set: str) -> bool:
        state = read_state(folder)
        if state is None or state.feature_set != feature_set:
            return True
        return _require_feature_set(feature_set).needs_fit and count > REFIT_GROWTH * state.fitted

    def _current_folder(self, project: int | str) -> Path | None:
        """Return the folder of the current version; None where there is none, or it is not valid."""
        folder = self._project_folder(project)
        name = read_json(folder / "current.json").get("version")
        if not isinstance(name, str):
            return None
        return folder / name if self._is_valid(folder / name) else None

    def _is_valid(self, folder: Path) -> bool:
        state = read_state(folder)
        if state is None or state.format != STORE_FORMAT or feature_set_named(state.feature_set) is None:
            return False
        return _row_files(folder, state).is_complete(state.rows, state.entries)

    def _open_matrix(self, folder: Path) -> Matrix:
        state = read_state(folder)
        if state is None:
            raise FileNotFoundError(folder)
        return _row_files(folder, state).open(state.rows, state.entries)

    def _load_transformer(self, folder: Path) -> Transformer:
        state = read_state(folder)
        if state is None:
            raise FileNotFoundError(folder)
        return _require_feature_set(state.feature_set).load(folder)

    def _set_current(self, project: int | str, folder: Path) -> None:
        write_json(self._project_folder(project) / "current.json", {"version": folder.name})

    def _remove_other_versions(self, project: int | str, keep_also: Path | None = None) -> None:
        """Remove versions that do not count; who has one mapped keeps it."""
        keep, held = (self._current_folder(project), keep_also), self.held_features(project)
        for folder in self._project_folder(project).glob("*-v*"):
            if folder not in keep and folder.name not in held:
                shutil.rmtree(folder, ignore_errors=True)

    def _new_folder(self, project: int | str, name: str) -> Path:
        """Make the folder of the next version; a name is never used twice."""
        counter = self._project_folder(project) / "counter.json"
        number = read_json(counter).get("last", 0) + 1
        write_json(counter, {"last": number})
        folder = self._project_folder(project) / f"{name}-v{number}"
        folder.mkdir(parents=True)
        return folder

    @contextmanager
    def _project_lock(self, project: int | str, name: str = "lock", *, wait: bool) -> Iterator[bool]:
        """Let one writer in at a time; the lock goes with its process. Yields whether it is ours."""
        folder = self._project_folder(project)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True


def _require_feature_set(feature_set: str) -> FeatureSet:
    kind = feature_set_named(feature_set)
    if kind is None:
        raise ValueError(f"There is no feature set {feature_set!r}.")
    return kind


def _initial_feature_set(feature_set: str, count: int) -> str:
    """Return what to begin a pool with: what was asked for, or what is ready sooner."""
    feature_set = SLOW_SUBSTITUTES.get(_require_feature_set(feature_set).name, feature_set)
    return QUICK_SUBSTITUTES.get(feature_set, feature_set) if count >= MIN_QUICK_ITEMS else feature_set


def _split_chunks(chunks: Iterator[list[str]], max_texts: int | None) -> Iterator[list[str]]:
    """Yield the chunks, cut into pieces of at most so many texts."""
    for chunk in chunks:
        yield from (
            [chunk] if max_texts is None else (chunk[low : low + max_texts] for low in range(0, len(chunk), max_texts))
        )


def _row_files(folder: Path, state: VersionState) -> RowFiles:
    return row_files(folder, state.dimensions, sparse=state.sparse)


def _fitting_sample(texts: Texts, count: int, seed: int) -> list[str]:
    """Return the texts to fit on: all, or as many as make sense at random, without holding the others."""
    if count > MAX_FITTED_TEXTS:
        positions = set(np.random.default_rng(seed).choice(count, MAX_FITTED_TEXTS, replace=False).tolist())
    else:
        positions = set(range(count))
    all_texts = itertools.chain.from_iterable(texts(0))
    return [text for position, text in enumerate(itertools.islice(all_texts, count)) if position in positions]
