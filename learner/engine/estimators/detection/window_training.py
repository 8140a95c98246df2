"""Train a detector on labelled images.

What the first training takes for an object and is none is added for the second (hard negatives; Sung and Poggio, PAMI
1998), as is where its windows were moved to, for the network runs on these again.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.contract import Floats
from learner.engine.estimators.detection import mlp, sliding_windows
from learner.engine.estimators.detection.channel_features import integral_image
from learner.engine.estimators.detection.detector import IMAGE_THREADS, WindowDetector
from learner.engine.estimators.detection.image_sources import ImageSource
from learner.engine.estimators.detection.iou import best_ious_and_boxes
from learner.engine.estimators.detection.labelled_images import LabelledImage, label_image, longest_side_for
from learner.engine.estimators.detection.mlp import MLP, Examples

MAX_TRAINING_IMAGES = 300  # a seeded choice where there are more
WINDOW_SIZES = 10
SMALL_BOX_PIXELS = 20.0  # that the median box of the smallest label shall have across
LONGEST_PIXELS = (256, 640)  # of the longer side of resized images, from and to
JITTERED_WINDOWS = 14  # made of each labelled box, in all of an image MAX_JITTERED_WINDOWS at most
MAX_JITTERED_WINDOWS = 500
JITTER_DEVIATION = 0.1  # of their positions and logs of sizes
POSITIVE_OVERLAP, NEGATIVE_OVERLAP = 0.55, 0.45  # from which a window is of an object, and below which it is of none
MAX_POSITIVES = 60  # windows of an image that are of an object as they fall
MAX_EASY, MAX_NEAR, MAX_HARD = 100, 50, 150  # windows of an image that are of none
NEAR_OVERLAP = 0.1  # from which they are near
TRAINING_STEPS = (400, 1200)  # of the first training and the second


def train_window_detector(
    images: Sequence[ImageSource],
    boxes: Sequence[NDArray[np.floating]],
    labels: Sequence[NDArray[np.intp]],
    label_count: int,
    seed: int,
) -> WindowDetector:
    """Learn from images, their boxes (n, 4) of x, y, w, h in pixels, and labels (n,) from 0 to count - 1.

    Images without boxes are learnt from too. Without any box it detects nothing. The same
    arguments give the same detector.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(len(images))[:MAX_TRAINING_IMAGES])
    with ThreadPoolExecutor(IMAGE_THREADS) as pool:
        labelled = list(pool.map(lambda n: label_image(images[n], boxes[n], labels[n], LONGEST_PIXELS[1]), chosen))
        if not any(len(image.boxes) for image in labelled):
            net = mlp.background_only_mlp(sliding_windows.WINDOW_FEATURES)
            return WindowDetector(net, np.empty((0, 2), np.float32), LONGEST_PIXELS[0])
        longest = longest_side_for(labelled, SMALL_BOX_PIXELS, LONGEST_PIXELS)
        labelled = [image.resized(longest) for image in labelled]
        all_boxes_and_labels = (
            np.concatenate([image.boxes for image in labelled]),
            np.concatenate([image.labels for image in labelled]),
        )
        sizes = sliding_windows.window_sizes(*all_boxes_and_labels, WINDOW_SIZES, seed)
        generators = [np.random.default_rng([seed, int(n)]) for n in chosen]
        easy_examples = list(pool.map(lambda image, rng: _easy_examples(image, sizes, rng), labelled, generators))
        first_detector = WindowDetector(_train_mlp(easy_examples, label_count, TRAINING_STEPS[0], seed), sizes, longest)
        hard_examples = list(
            pool.map(lambda image, rng: _mine_hard_examples(image, first_detector, rng), labelled, generators)
        )
    return WindowDetector(
        _train_mlp([*easy_examples, *hard_examples], label_count, TRAINING_STEPS[1], seed + 1), sizes, longest
    )


def _easy_examples(labelled: LabelledImage, sizes: Floats, rng: np.random.Generator) -> Examples:
    """Return windows around the objects, and windows from anywhere."""
    image = integral_image(labelled.pixels)
    grid = sliding_windows.window_grid(image.width, image.height, sizes)
    ious, _ = best_ious_and_boxes(grid, labelled.boxes)
    times = min(JITTERED_WINDOWS, MAX_JITTERED_WINDOWS // max(1, len(labelled.boxes)))
    is_negative = ious < NEGATIVE_OVERLAP
    masks_and_counts = (
        (ious >= POSITIVE_OVERLAP, MAX_POSITIVES),
        (is_negative, MAX_EASY),
        (is_negative & (ious > NEAR_OVERLAP), MAX_NEAR),
    )
    drawn_windows = [grid[rng.permutation(np.flatnonzero(mask))[:max_count]] for mask, max_count in masks_and_counts]
    jittered = sliding_windows.jitter_boxes(labelled.boxes, times, JITTER_DEVIATION, rng)
    windows = np.concatenate([labelled.boxes, jittered, *drawn_windows])
    return _training_examples(labelled, windows, sliding_windows.extract_features(image, windows))


def _mine_hard_examples(labelled: LabelledImage, first_detector: WindowDetector, rng: np.random.Generator) -> Examples:
    """Return the empty windows that the first detector most takes for objects, with windows of true objects.

    Training on what it takes for objects is bootstrapping: Sung and Poggio, PAMI 1998.
    """
    image = integral_image(labelled.pixels)
    windows = np.concatenate(first_detector.refined_windows(image))
    features = sliding_windows.extract_features(image, windows)
    ious, _ = best_ious_and_boxes(windows, labelled.boxes)
    false_positives = np.flatnonzero(ious < NEGATIVE_OVERLAP)
    false_positives = false_positives[
        np.argsort(first_detector.net(features[false_positives])[0][:, 0], kind="stable")
    ][:MAX_HARD]
    true_positives = rng.permutation(np.flatnonzero(ious >= POSITIVE_OVERLAP))[:MAX_POSITIVES]
    chosen = np.concatenate([false_positives, true_positives])
    return _training_examples(labelled, windows[chosen], features[chosen])


def _training_examples(labelled: LabelledImage, windows: Floats, features: Floats) -> Examples:
    """Return the windows (n, 4) with their features; what is neither of an object nor of none is left out."""
    ious, best = best_ious_and_boxes(windows, labelled.boxes)
    is_clear = (ious >= POSITIVE_OVERLAP) | (ious < NEGATIVE_OVERLAP)
    windows, features, best, is_object = (
        windows[is_clear],
        features[is_clear],
        best[is_clear],
        ious[is_clear] >= POSITIVE_OVERLAP,
    )
    labels, deltas = np.zeros(len(windows), np.intp), np.zeros((len(windows), 4), np.float32)
    labels[is_object] = labelled.labels[best[is_object]] + 1
    deltas[is_object] = sliding_windows.deltas_to_boxes(windows[is_object], labelled.boxes[best[is_object]])
    return Examples(features, labels, deltas)


def _train_mlp(parts: Sequence[Examples], label_count: int, steps: int, seed: int) -> MLP:
    """Train on windows of which half are background; labels weigh by the square root of how often they are there."""
    examples = Examples(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.deltas for part in parts]),
    )
    counts = np.bincount(examples.labels, minlength=label_count + 1)
    shares = np.concatenate([[1.0], np.sqrt(counts[1:]) / max(1.0, np.sqrt(counts[1:]).sum())])
    weights = (shares / np.maximum(counts, 1))[examples.labels]
    return mlp.train_mlp(examples, weights, label_count, sliding_windows.mirror_window_features, steps, seed)
