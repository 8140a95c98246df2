"""Windows of a picture: of which sizes, where, and what is seen in them. A window is a box x, y, w, h in pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from learner.engine.estimators.detection.channel_features import CHANNELS, Sums

Floats = NDArray[Any]  # float32

CELLS = 7  # across a window and its surroundings: 5 of its own, and one on each side outside of it
INNER = CELLS - 2
SEEN = CELLS * CELLS * CHANNELS + 2  # and how wide and high it is
STRIDE = 1 / 6  # of the size of a window
LEAST_STRIDE = 2.0  # pixels
MOST = 10_000  # windows of a picture; more of them find no more
AT_ONCE = 2000  # windows looked at


def sizes(boxes: NDArray[np.floating], labels: NDArray[np.integer], count: int, seed: int) -> Floats:
    """Return (k, 2) widths and heights that the boxes (n, 4) come near to, each label's as much as another's."""
    logs = np.log(np.maximum(boxes[:, 2:], 1.0))
    _, place, often = np.unique(labels, return_inverse=True, return_counts=True)
    wanted = min(count, len(np.unique(np.round(logs, 2), axis=0)))
    found = KMeans(wanted, n_init=2, random_state=seed % 2**32).fit(logs, sample_weight=1 / np.sqrt(often[place]))
    return np.asarray(np.exp(found.cluster_centers_), np.float32)


def grid(width: int, height: int, sizes: Floats) -> Floats:
    """Return (n, 4) windows of all sizes all over a picture, some over its edges, MOST at most or so."""
    steps = np.maximum(sizes * STRIDE, LEAST_STRIDE)
    number = float(((width / steps[:, 0]) * (height / steps[:, 1])).sum())
    steps *= max(1.0, np.sqrt(number / MOST))
    parts = [_of_size(width, height, size, step) for size, step in zip(sizes, steps, strict=True)]
    return np.concatenate(parts) if parts else np.zeros((0, 4), np.float32)


def _of_size(width: int, height: int, size: Floats, step: Floats) -> Floats:
    across, down = (_places(length, *pair) for length, *pair in zip((width, height), size, step, strict=True))
    x, y = (part.ravel() for part in np.meshgrid(across, down))
    return np.stack([x, y, np.full_like(x, size[0]), np.full_like(x, size[1])], axis=1)


def _places(length: int, size: float, step: float) -> Floats:
    """Return where windows start: the first and last are over the edge by a step at most."""
    if size >= length:
        return np.array([(length - size) / 2], np.float32)
    return np.linspace(0, length - size, 1 + int(np.ceil((length - size) / step)), dtype=np.float32)


def look(sums: Sums, windows: Floats) -> Floats:
    """Return (n, SEEN) what is seen in windows (n, 4): means of the channels in cells, and the size."""
    seen = np.empty((len(windows), SEEN), np.float32)
    rows, columns, _ = sums.table.shape
    flat = sums.table.reshape(rows * columns, CHANNELS)
    edges = (np.arange(CELLS + 1, dtype=np.float32) - 1) / INNER
    for start in range(0, len(windows), AT_ONCE):
        part = windows[start : start + AT_ONCE]
        x, y = (_edges(part[:, axis], part[:, axis + 2], edges, sums.margin, (columns, rows)[axis]) for axis in (0, 1))
        corners = flat.take((y[:, :, None] * columns + x[:, None, :]).ravel(), axis=0)
        corners = corners.reshape(len(part), CELLS + 1, (CELLS + 1) * CHANNELS)
        lines = (corners[:, 1:] - corners[:, :-1]).reshape(len(part), CELLS, CELLS + 1, CHANNELS)
        cells = lines[:, :, 1:] - lines[:, :, :-1]
        cells /= (np.diff(y)[:, :, None] * np.diff(x)[:, None, :]).astype(np.float32)[..., None]
        seen[start : start + len(part), :-2] = cells.reshape(len(part), -1)
    seen[:, -2:] = np.log(np.maximum(windows[:, 2:], 1.0))
    return seen


def _edges(start: Floats, length: Floats, edges: Floats, margin: int, most: int) -> NDArray[np.intp]:
    """Return (n, CELLS + 1) where the cells begin and end in the table; each has a pixel at least."""
    places = np.rint(start[:, None] + length[:, None] * edges + margin).astype(np.intp)
    places = np.maximum.accumulate(places - np.arange(CELLS + 1), axis=1) + np.arange(CELLS + 1)
    bounded: NDArray[np.intp] = np.clip(places, np.arange(CELLS + 1), most - 1 - np.arange(CELLS, -1, -1))
    return bounded


def towards(windows: Floats, boxes: Floats) -> Floats:
    """Return (n, 4) what brings windows to boxes: shifts in parts of the window, and logs of how much they grow."""
    middles = (boxes[:, :2] + boxes[:, 2:] / 2 - windows[:, :2] - windows[:, 2:] / 2) / windows[:, 2:]
    return np.concatenate([middles, np.log(boxes[:, 2:] / windows[:, 2:])], axis=1).astype(np.float32)


def moved(windows: Floats, by: Floats) -> Floats:
    """Return the boxes (n, 4) to which `by`, as `towards` gives it, brings windows; bounded, it is only a guess."""
    size = windows[:, 2:] * np.exp(np.clip(by[:, 2:], -1, 1))
    middle = windows[:, :2] + windows[:, 2:] / 2 + np.clip(by[:, :2], -1, 1) * windows[:, 2:]
    return np.concatenate([middle - size / 2, size], axis=1).astype(np.float32)


def shaken(boxes: Floats, times: int, spread: float, rng: np.random.Generator) -> Floats:
    """Return (n times, 4) boxes, each as often, moved and resized at random."""
    again = np.repeat(boxes, times, axis=0)
    return moved(again, rng.normal(0, spread, again.shape).astype(np.float32))


def flipped(seen: Floats) -> Floats:
    """Return what is seen in windows (n, SEEN) as if the picture was seen in a mirror."""
    cells = seen[:, :-2].reshape(-1, CELLS, CELLS, CHANNELS)[:, :, ::-1]
    return np.concatenate([cells[..., MIRRORED].reshape(len(seen), -1), seen[:, -2:]], axis=1)


# a direction k / 6 of pi becomes (6 - k) / 6 of it
MIRRORED = [0, 1, 2, 3, *(4 + (CHANNELS - 5 - k) % (CHANNELS - 5) for k in range(CHANNELS - 5)), CHANNELS - 1]
