"""Make a detector from labelled pictures.

What the first training takes for an object and is none is shown to the second (hard negatives; Sung and Poggio, PAMI
1998), as is where its windows were moved to, for they are what it looks at again.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection import mlp, sliding_windows
from learner.engine.estimators.detection.channel_features import sums
from learner.engine.estimators.detection.dataset import Labelled, labelled, longest_for
from learner.engine.estimators.detection.detector import THREADS, Detector, Floats
from learner.engine.estimators.detection.image_loading import Picture
from learner.engine.estimators.detection.iou import best_matches
from learner.engine.estimators.detection.mlp import Examples, Network

MOST_PICTURES = 300  # that are learnt from: a seeded choice where there are more
SIZES = 10  # of windows
SMALL = 20.0  # pixels that the usual box of the smallest label shall have across
LONGEST = (256, 640)  # pixels of the longer side that pictures are looked at with, from and to
SHAKEN = 14  # windows made of each labelled box, in all of a picture MOST_SHAKEN at most
MOST_SHAKEN = 500
SPREAD = 0.1  # of their places and logs of sizes
SAME, OTHER = 0.55, 0.45  # overlap from which a window is of an object, and below which it is of none
POSITIVES = 60  # windows of a picture that are of an object as they fall
ANYWHERE, NEAR, HARD = 100, 50, 150  # windows of a picture that are of none
CLOSE = 0.1  # overlap from which they are near
STEPS = (400, 1200)  # of the first training and the second


def fit(
    pictures: Sequence[Picture],
    boxes: Sequence[NDArray[np.floating]],
    labels: Sequence[NDArray[np.intp]],
    count: int,
    seed: int,
) -> Detector:
    """Learn from pictures, their boxes (n, 4) of x, y, w, h in pixels, and labels (n,) from 0 to count - 1.

    Pictures without boxes are learnt from too. Without any box it knows nothing, and finds nothing. The same
    arguments give the same detector.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(len(pictures))[:MOST_PICTURES])
    with ThreadPoolExecutor(THREADS) as pool:
        given = list(pool.map(lambda place: labelled(pictures[place], boxes[place], labels[place], LONGEST[1]), chosen))
        if not any(len(one.boxes) for one in given):
            return Detector(mlp.nothing(sliding_windows.SEEN), np.empty((0, 2), np.float32), LONGEST[0])
        longest = longest_for(given, SMALL, LONGEST)
        given = [one.at(longest) for one in given]
        every = np.concatenate([one.boxes for one in given]), np.concatenate([one.labels for one in given])
        sizes = sliding_windows.sizes(*every, SIZES, seed)
        generators = [np.random.default_rng([seed, int(place)]) for place in chosen]
        easy = list(pool.map(lambda one, rng: _easy(one, sizes, rng), given, generators))
        first = Detector(_train(easy, count, STEPS[0], seed), sizes, longest)
        hard = list(pool.map(lambda one, rng: _hard(one, first, rng), given, generators))
    return Detector(_train([*easy, *hard], count, STEPS[1], seed + 1), sizes, longest)


def _easy(given: Labelled, sizes: Floats, rng: np.random.Generator) -> Examples:
    """Return windows around the objects, and windows from anywhere."""
    seen = sums(given.pixels)
    grid = sliding_windows.grid(seen.width, seen.height, sizes)
    overlap, _ = best_matches(grid, given.boxes)
    times = min(SHAKEN, MOST_SHAKEN // max(1, len(given.boxes)))
    kinds = (overlap >= SAME, POSITIVES), (overlap < OTHER, ANYWHERE), ((overlap < OTHER) & (overlap > CLOSE), NEAR)
    some = [grid[rng.permutation(np.flatnonzero(which))[:most]] for which, most in kinds]
    places = np.concatenate([given.boxes, sliding_windows.shaken(given.boxes, times, SPREAD, rng), *some])
    return _examples(given, places, sliding_windows.look(seen, places))


def _hard(given: Labelled, first: Detector, rng: np.random.Generator) -> Examples:
    """Return windows that are most taken for objects and are none, and windows that are of objects."""
    seen = sums(given.pixels)
    places = np.concatenate(first.candidates(seen))
    looks = sliding_windows.look(seen, places)
    overlap, _ = best_matches(places, given.boxes)
    wrong = np.flatnonzero(overlap < OTHER)
    wrong = wrong[np.argsort(first.net(looks[wrong])[0][:, 0], kind="stable")][:HARD]
    right = rng.permutation(np.flatnonzero(overlap >= SAME))[:POSITIVES]
    chosen = np.concatenate([wrong, right])
    return _examples(given, places[chosen], looks[chosen])


def _examples(given: Labelled, places: Floats, looks: Floats) -> Examples:
    """Return the windows (n, 4) with what is in them; what is neither of an object nor of none is left out."""
    overlap, best = best_matches(places, given.boxes)
    known = (overlap >= SAME) | (overlap < OTHER)
    places, looks, best, real = places[known], looks[known], best[known], overlap[known] >= SAME
    labels, moves = np.zeros(len(places), np.intp), np.zeros((len(places), 4), np.float32)
    labels[real] = given.labels[best[real]] + 1
    moves[real] = sliding_windows.towards(places[real], given.boxes[best[real]])
    return Examples(looks, labels, moves)


def _train(parts: Sequence[Examples], count: int, steps: int, seed: int) -> Network:
    """Train on windows of which half are background; labels weigh by the square root of how often they are there."""
    given = Examples(
        np.concatenate([part.seen for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.moves for part in parts]),
    )
    counts = np.bincount(given.labels, minlength=count + 1)
    shares = np.concatenate([[1.0], np.sqrt(counts[1:]) / max(1.0, np.sqrt(counts[1:]).sum())])
    weights = (shares / np.maximum(counts, 1))[given.labels]
    return mlp.train(given, weights, count, sliding_windows.flipped, steps, seed)
