"""Windows of an image: of which sizes, where, and their features. A window is a box x, y, w, h in pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from learner.engine.estimators.detection.channel_features import CHANNELS, IntegralImage

Floats = NDArray[Any]  # float32

WINDOW_CELLS = 7  # across a window and its surroundings: 5 of its own, and one on each side outside of it
INNER = WINDOW_CELLS - 2
WINDOW_FEATURES = WINDOW_CELLS * WINDOW_CELLS * CHANNELS + 2  # and how wide and high it is
STRIDE_SHARE = 1 / 6  # of the size of a window
MIN_STRIDE_PIXELS = 2.0
MAX_WINDOWS = 10_000  # of an image; more of them find no more
CHUNK_WINDOWS = 2000


def window_sizes(boxes: NDArray[np.floating], labels: NDArray[np.integer], size_count: int, seed: int) -> Floats:
    """Return (k, 2) widths and heights that the boxes (n, 4) come near to, each label's as much as another's."""
    logs = np.log(np.maximum(boxes[:, 2:], 1.0))
    _, label_index, label_frequencies = np.unique(labels, return_inverse=True, return_counts=True)
    clusters = min(size_count, len(np.unique(np.round(logs, 2), axis=0)))
    fitted = KMeans(clusters, n_init=2, random_state=seed % 2**32).fit(
        logs, sample_weight=1 / np.sqrt(label_frequencies[label_index])
    )
    return np.asarray(np.exp(fitted.cluster_centers_), np.float32)


def window_grid(width: int, height: int, sizes: Floats) -> Floats:
    """Return (n, 4) windows of all sizes all over an image, some over its edges, about MAX_WINDOWS at most."""
    steps = np.maximum(sizes * STRIDE_SHARE, MIN_STRIDE_PIXELS)
    window_count = float(((width / steps[:, 0]) * (height / steps[:, 1])).sum())
    steps *= max(1.0, np.sqrt(window_count / MAX_WINDOWS))
    parts = [_windows_of_size(width, height, size, step) for size, step in zip(sizes, steps, strict=True)]
    return np.concatenate(parts) if parts else np.zeros((0, 4), np.float32)


def _windows_of_size(width: int, height: int, size: Floats, step: Floats) -> Floats:
    across, down = (_start_positions(length, *pair) for length, *pair in zip((width, height), size, step, strict=True))
    x, y = (part.ravel() for part in np.meshgrid(across, down))
    return np.stack([x, y, np.full_like(x, size[0]), np.full_like(x, size[1])], axis=1)


def _start_positions(length: int, size: float, step: float) -> Floats:
    """Return where windows start: the first and last are over the edge by a step at most."""
    if size >= length:
        return np.array([(length - size) / 2], np.float32)
    return np.linspace(0, length - size, 1 + int(np.ceil((length - size) / step)), dtype=np.float32)


def extract_features(image: IntegralImage, windows: Floats) -> Floats:
    """Return (n, WINDOW_FEATURES) of windows (n, 4): means of the channels in cells, and the size."""
    features = np.empty((len(windows), WINDOW_FEATURES), np.float32)
    rows, columns, _ = image.table.shape
    flat = image.table.reshape(rows * columns, CHANNELS)
    edges = (np.arange(WINDOW_CELLS + 1, dtype=np.float32) - 1) / INNER
    for start in range(0, len(windows), CHUNK_WINDOWS):
        part = windows[start : start + CHUNK_WINDOWS]
        x, y = (
            _cell_edges(part[:, axis], part[:, axis + 2], edges, image.margin, (columns, rows)[axis]) for axis in (0, 1)
        )
        corners = flat.take((y[:, :, None] * columns + x[:, None, :]).ravel(), axis=0)
        corners = corners.reshape(len(part), WINDOW_CELLS + 1, (WINDOW_CELLS + 1) * CHANNELS)
        lines = (corners[:, 1:] - corners[:, :-1]).reshape(len(part), WINDOW_CELLS, WINDOW_CELLS + 1, CHANNELS)
        cells = lines[:, :, 1:] - lines[:, :, :-1]
        cells /= (np.diff(y)[:, :, None] * np.diff(x)[:, None, :]).astype(np.float32)[..., None]
        features[start : start + len(part), :-2] = cells.reshape(len(part), -1)
    features[:, -2:] = np.log(np.maximum(windows[:, 2:], 1.0))
    return features


def _cell_edges(start: Floats, length: Floats, edges: Floats, margin: int, table_length: int) -> NDArray[np.intp]:
    """Return (n, WINDOW_CELLS + 1) where the cells begin and end in the table; each has a pixel at least."""
    positions = np.rint(start[:, None] + length[:, None] * edges + margin).astype(np.intp)
    positions = np.maximum.accumulate(positions - np.arange(WINDOW_CELLS + 1), axis=1) + np.arange(WINDOW_CELLS + 1)
    bounded: NDArray[np.intp] = np.clip(
        positions, np.arange(WINDOW_CELLS + 1), table_length - 1 - np.arange(WINDOW_CELLS, -1, -1)
    )
    return bounded


def deltas_to_boxes(windows: Floats, boxes: Floats) -> Floats:
    """Return (n, 4) what brings windows to boxes: shifts in parts of the window, and logs of how much they grow."""
    middles = (boxes[:, :2] + boxes[:, 2:] / 2 - windows[:, :2] - windows[:, 2:] / 2) / windows[:, 2:]
    return np.concatenate([middles, np.log(boxes[:, 2:] / windows[:, 2:])], axis=1).astype(np.float32)


def apply_deltas(windows: Floats, delta: Floats) -> Floats:
    """Return the boxes (n, 4) to which a delta, as `deltas_to_boxes` gives it, brings windows; a delta is bounded."""
    size = windows[:, 2:] * np.exp(np.clip(delta[:, 2:], -1, 1))
    middle = windows[:, :2] + windows[:, 2:] / 2 + np.clip(delta[:, :2], -1, 1) * windows[:, 2:]
    return np.concatenate([middle - size / 2, size], axis=1).astype(np.float32)


def jitter_boxes(boxes: Floats, copies: int, deviation: float, rng: np.random.Generator) -> Floats:
    """Return (n times, 4) boxes, each as often, moved and resize at random."""
    repeated = np.repeat(boxes, copies, axis=0)
    return apply_deltas(repeated, rng.normal(0, deviation, repeated.shape).astype(np.float32))


def mirror_window_features(features: Floats) -> Floats:
    """Return the features (n, WINDOW_FEATURES) that the windows have in the mirrored image."""
    cells = features[:, :-2].reshape(-1, WINDOW_CELLS, WINDOW_CELLS, CHANNELS)[:, :, ::-1]
    return np.concatenate([cells[..., MIRRORED].reshape(len(features), -1), features[:, -2:]], axis=1)


# a direction k / 6 of pi becomes (6 - k) / 6 of it
MIRRORED = [0, 1, 2, 3, *(4 + (CHANNELS - 5 - k) % (CHANNELS - 5) for k in range(CHANNELS - 5)), CHANNELS - 1]
