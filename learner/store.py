"""Feature matrices and models on disk; knows paths, never Django.

    <root>/<project>/current.json            which version counts
    <root>/<project>/<version>/state.json    how many rows of it are whole
    <root>/<project>/<version>/rows.f32      the matrix: row i is the item at position i
    <root>/<project>/<version>/...           what the fitted transformer saved
    <root>/<project>/models/<number>/        the model of a round

Everything here can be made again from the items, so losing the folder loses nothing. A writer that is killed at any
line leaves the old state or the new one: rows are written past the counted ones and counted by replacing a small
file. Readers take no lock.
"""

import fcntl
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner import estimators
from learner.estimators import Model
from learner.features import FEATURE_SETS, Transformer
from learner.features.lsa import SAMPLE

Texts = Callable[[int], Iterator[list[str]]]  # the texts from a position on, in order, in chunks

FORMAT = 1  # raise it when the same texts get other numbers: everything is built again
GROWTH = 1.5  # a pool this many times what was fitted on is fitted anew
FIRST_QUICKLY = {"text": "static"}  # what is ready sooner, so that labelling can start
QUICK_FROM = 5000  # items from which that is worth it
FLOAT = np.dtype("<f4")


def _go_on(rows: int) -> None:
    """Never abort."""


@dataclass(frozen=True)
class State:
    """One version of a project's features."""

    feature_set: str
    dimensions: int
    fitted: int  # items in the pool when it was fitted
    rows: int = 0  # whole ones
    format: int = FORMAT


class FeatureStore:
    """The features and models of all projects under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    # Reading

    def open(self, project: int | str) -> NDArray[np.float32]:
        """Return the current matrix, (rows, d), read-only and mapped; (0, 0) when there is none yet."""
        for _ in range(10):
            folder = self._current(project)
            if folder is None:
                break
            try:
                return self._map(folder)
            except FileNotFoundError:  # a new version took its place between the two looks
                continue
        return np.empty((0, 0), np.float32)

    def rows(self, project: int | str) -> int:
        """Return how many items have features."""
        return len(self.open(project))

    def version(self, project: int | str) -> str:
        """Return the name of the current version; "" when there is none."""
        folder = self._current(project)
        return folder.name if folder else ""

    def transformer(self, project: int | str) -> Transformer | None:
        """Return what made the current matrix, to apply it to other texts; None when there is none."""
        folder = self._current(project)
        return self._transformer(folder) if folder else None

    # Writing

    def ensure(
        self,
        project: int | str,
        count: int,
        texts: Texts,
        feature_set: str = "text",
        seed: int = 0,
        wait: bool = True,
        quick: bool = False,
        progress: Callable[[int], None] = _go_on,
    ) -> int:
        """Bring the features up to `count` items and return how many rows there are.

        Fits anew when there is nothing sound, or the pool has outgrown what it was fitted on; that happens beside the
        current version, which stays in use until the new one is whole. With `wait` false it returns at once when
        somebody else is at it. With `quick` it leaves a version that is due to be fitted anew as it is, and of a large
        pool it makes the version that is ready sooner: `is_final` then says no, and a call without `quick` goes on.
        `progress` is called with the rows done after each chunk; it may raise to abort.
        """
        if self._complete(project, count, feature_set, quick):
            return self.rows(project)
        with self._locked(project, wait) as mine:
            if mine and not self._complete(project, count, feature_set, quick):
                self._bring_up(project, count, texts, feature_set, seed, quick, progress)
        return self.rows(project)

    def is_final(self, project: int | str, count: int, feature_set: str = "text") -> bool:
        """Whether there is nothing better to make for a pool of `count` items."""
        return self._complete(project, count, feature_set, quick=False)

    def drop(self, project: int | str) -> None:
        """Forget all about a project."""
        shutil.rmtree(self._folder(project), ignore_errors=True)

    def _bring_up(
        self,
        project: int | str,
        count: int,
        texts: Texts,
        feature_set: str,
        seed: int,
        quick: bool,
        progress: Callable[[int], None],
    ) -> None:
        self._sweep(project)
        current = self._current(project)
        first = FIRST_QUICKLY.get(feature_set)
        if current is None and first and count >= QUICK_FROM:
            current = self._begin(project, count, texts, first, seed)
            self._publish(project, current)
        if current is not None:
            self._extend(current, count, texts, progress)
        if current is None or (not quick and self._outgrown(current, count, feature_set)):
            new = self._begin(project, count, texts, feature_set, seed)
            if current is None:  # nothing to lose: its rows may be used as they come
                self._publish(project, new)
            self._extend(new, count, texts, progress)
            self._publish(project, new)
            self._sweep(project)

    def _begin(self, project: int | str, count: int, texts: Texts, feature_set: str, seed: int) -> Path:
        """Fit a new version and write it down with no rows yet."""
        kind = FEATURE_SETS[feature_set]
        transformer = kind.fit(_sample(texts, count, seed) if kind.needs_fit else [], seed)
        folder = self._new_folder(project, feature_set)
        transformer.save(folder)
        _replace(folder / "state.json", asdict(State(feature_set, transformer.dimensions, count)))
        return folder

    def _extend(self, folder: Path, count: int, texts: Texts, progress: Callable[[int], None]) -> None:
        """Append the rows from where the version ends up to `count`."""
        state, transformer = _state(folder), self._transformer(folder)
        if state is None or state.rows >= count:
            return
        with (folder / "rows.f32").open("ab") as file:
            file.truncate(state.rows * state.dimensions * FLOAT.itemsize)  # what a killed writer left
            for chunk in texts(state.rows):
                chunk = chunk[: count - state.rows]
                if not chunk:
                    return
                file.write(np.ascontiguousarray(transformer.transform(chunk), FLOAT).tobytes())
                file.flush()
                os.fsync(file.fileno())
                state = replace(state, rows=state.rows + len(chunk))
                _replace(folder / "state.json", asdict(state))
                progress(state.rows)

    # What there is

    def _complete(self, project: int | str, count: int, feature_set: str, quick: bool) -> bool:
        folder = self._current(project)
        state = _state(folder) if folder else None
        if folder is None or state is None or state.rows < count:
            return False
        return quick or not self._outgrown(folder, count, feature_set)

    def _outgrown(self, folder: Path, count: int, feature_set: str) -> bool:
        state = _state(folder)
        if state is None or state.feature_set != feature_set:
            return True
        return FEATURE_SETS[feature_set].needs_fit and count > GROWTH * state.fitted

    def _current(self, project: int | str) -> Path | None:
        """Return the folder of the version that counts, when it is sound."""
        folder = self._folder(project)
        name = _read(folder / "current.json").get("version")
        if not isinstance(name, str):
            return None
        state = _state(folder / name)
        if state is None or state.format != FORMAT or state.feature_set not in FEATURE_SETS:
            return None
        size = (folder / name / "rows.f32").stat().st_size if (folder / name / "rows.f32").exists() else 0
        return folder / name if size >= state.rows * state.dimensions * FLOAT.itemsize else None

    def _map(self, folder: Path) -> NDArray[np.float32]:
        state = _state(folder)
        if state is None:
            raise FileNotFoundError(folder)
        if state.rows == 0:
            return np.empty((0, state.dimensions), np.float32)
        return np.memmap(folder / "rows.f32", FLOAT, "r", shape=(state.rows, state.dimensions))

    def _transformer(self, folder: Path) -> Any:
        state = _state(folder)
        if state is None:
            raise FileNotFoundError(folder)
        return FEATURE_SETS[state.feature_set].load(folder)

    def _publish(self, project: int | str, folder: Path) -> None:
        _replace(self._folder(project) / "current.json", {"version": folder.name})

    def _sweep(self, project: int | str) -> None:
        """Remove versions that do not count; who has one mapped keeps it."""
        current = self._current(project)
        for folder in self._folder(project).glob("*-v*"):
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)

    def _new_folder(self, project: int | str, feature_set: str) -> Path:
        """Make the folder of the next version; a name is never used twice."""
        counter = self._folder(project) / "counter.json"
        number = _read(counter).get("last", 0) + 1
        _replace(counter, {"last": number})
        folder = self._folder(project) / f"{feature_set}-v{number}"
        folder.mkdir(parents=True)
        return folder

    def _folder(self, project: int | str) -> Path:
        return self.root / str(project)

    @contextmanager
    def _locked(self, project: int | str, wait: bool) -> Iterator[bool]:
        """Let one writer in at a time; the lock goes with its process. Yields whether it is ours."""
        folder = self._folder(project)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    # Models of rounds

    def save_model(self, project: int | str, number: int, model: Model) -> None:
        """Keep the model of a round; saving it again replaces it."""
        folder = self._model(project, number)
        beside = folder.with_name(f"{number}.{os.getpid()}.new")
        shutil.rmtree(beside, ignore_errors=True)
        model.save(beside)
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)

    def load_model(self, project: int | str, number: int) -> Model | None:
        """Return the model of a round, or None when it is not there."""
        folder = self._model(project, number)
        return estimators.load(folder) if folder.exists() else None

    def _model(self, project: int | str, number: int) -> Path:
        return self._folder(project) / "models" / str(number)


def _sample(texts: Texts, count: int, seed: int) -> list[str]:
    """Return the texts to fit on: all, or as many as make sense by lot, without holding the others."""
    if count > SAMPLE:
        places = set(np.random.default_rng(seed).choice(count, SAMPLE, replace=False).tolist())
    else:
        places = set(range(count))
    every = itertools.chain.from_iterable(texts(0))
    return [text for place, text in enumerate(itertools.islice(every, count)) if place in places]


def _state(folder: Path) -> State | None:
    facts = _read(folder / "state.json")
    try:
        return State(**facts)
    except TypeError:
        return None


def _read(path: Path) -> dict[str, Any]:
    """Return what a small file says; nothing when it is not there or not ours."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _replace(path: Path, facts: dict[str, Any]) -> None:
    """Write a small file so that there is always the old one or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
