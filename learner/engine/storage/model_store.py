"""Models of rounds, and their scores while a round is scored in shards, on disk.

<root>/<project>/models/<number>/    the model of a round
<root>/<project>/models/keep-all     there while no model may be removed
<root>/<project>/scores/<number>/    its scores of each item
<root>/<project>/scores/<number>.features    the version of the features that it is scored on, which has to stay
"""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from learner.engine import estimators
from learner.engine.estimators import Model
from learner.engine.storage.shard_scores import ScoreFiles

logger = logging.getLogger(__name__)

KEPT_MODEL_STEP = 10  # of older rounds, the model of every tenth stays


class ModelStore:
    """The models of all projects under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def save_model(self, project: int | str, number: int, model: Model) -> None:
        """Keep the model of a round; saving it again replaces it."""
        folder = self._model_folder(project, number)
        new_folder = folder.with_name(f"{number}.{os.getpid()}.new")
        shutil.rmtree(new_folder, ignore_errors=True)
        model.save(new_folder)
        shutil.rmtree(folder, ignore_errors=True)
        new_folder.rename(folder)

    def load_model(self, project: int | str, number: int) -> Model | None:
        """Return the model of a round, or None when it is not there or nothing here can read it."""
        folder = self._model_folder(project, number)
        try:
            return estimators.load_saved_model(folder) if folder.exists() else None
        except (KeyError, ValueError, OSError):
            logger.exception("the model of round %s of project %s cannot be read", number, project)
            return None

    def prune_models(self, project: int | str, newest: int) -> None:
        """Remove the models of rounds before the newest but for every tenth, unless all are kept."""
        folder = self._model_folder(project, newest).parent
        if (folder / "keep-all").exists():
            return
        for model in folder.glob("*"):
            if model.name.isdigit() and int(model.name) < newest and int(model.name) % KEPT_MODEL_STEP:
                shutil.rmtree(model, ignore_errors=True)

    @contextmanager
    def keep_all_models(self, project: int | str) -> Iterator[None]:
        """Let no model be removed for the length of the block: a report is to be made of them."""
        mark = self._model_folder(project, 0).with_name("keep-all")
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)

    def score_files(self, project: int | str, number: int) -> ScoreFiles:
        """Return the files of a round that is scored in shards."""
        return ScoreFiles(self._project_folder(project) / "scores" / str(number))

    def drop_scores(self, project: int | str) -> None:
        """Remove the shards of all rounds."""
        shutil.rmtree(self._project_folder(project) / "scores", ignore_errors=True)

    def held_features(self, project: int | str) -> set[str]:
        """Return the versions of the features that rounds are scored on."""
        return {mark.read_text() for mark in (self._project_folder(project) / "scores").glob("*.features")}

    def _model_folder(self, project: int | str, number: int) -> Path:
        return self._project_folder(project) / "models" / str(number)

    def _project_folder(self, project: int | str) -> Path:
        return self.root / str(project)
