"""Models of rounds, and their scores while a round is scored in shards, on disk.

<root>/<project>/models/<number>/    the model of a round
<root>/<project>/scores/<number>/    its scores of each item
"""

import logging
import os
import shutil
from pathlib import Path

from learner.engine import estimators
from learner.engine.estimators import Model
from learner.engine.storage.shard_scores import ScoreFiles

logger = logging.getLogger(__name__)


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
            return estimators.load(folder) if folder.exists() else None
        except (KeyError, ValueError, OSError):
            logger.exception("the model of round %s of project %s cannot be read", number, project)
            return None

    def scores(self, project: int | str, number: int) -> ScoreFiles:
        """Return the files of a round that is scored in shards."""
        return ScoreFiles(self._project_folder(project) / "scores" / str(number))

    def drop_scores(self, project: int | str) -> None:
        """Remove the shards of all rounds."""
        shutil.rmtree(self._project_folder(project) / "scores", ignore_errors=True)

    def _model_folder(self, project: int | str, number: int) -> Path:
        return self._project_folder(project) / "models" / str(number)

    def _project_folder(self, project: int | str) -> Path:
        return self.root / str(project)
