"""The one file of the detector that knows torch: a network that looks, and a head over it that learns and says.

The head: what the network sees at several scales, brought to one grid and added up; two more layers; for each cell a
number per label and four sides. Trained with the quality focal loss (Li et al., Generalized focal loss, NeurIPS 2020)
and generalized intersection over union (Rezatofighi et al., CVPR 2019) by AdamW (Loshchilov and Hutter, ICLR 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.neural.grid_targets import Floats, Wanted
from learner.engine.features.encoders.encoding import had
from learner.engine.features.encoders.images import KIND, timm_model

Maps = tuple[NDArray[np.float16], ...]  # (c, h, w) of a picture, the first on the grid, the last the coarsest
Head = dict[str, Floats]

FINEST, CELL = 4, 8  # pixels of the cells of maps that are used at least, and of the grid
WIDTH, GROUPS = 64, 8
LAYERS = 2
STEPS, BATCH, RATE, DECAY = 400, 4, 3e-3, 1e-2
FAR = 4.0  # logs of the usual side that a side may be off
RARE = -3.0  # what a head says of every label at first: there are few objects


@dataclass(frozen=True)
class Network:
    """What looks at pictures, and teaches heads."""

    stride: int  # pixels of a cell of the grid
    torch: Any
    body: Any
    levels: tuple[int, ...]  # which of the body's maps are used
    grid: int  # which of them has the grid
    mean: Any
    spread: Any

    def look(self, pixels: NDArray[np.uint8]) -> Maps:
        """Return what it sees in a picture (h, w, 3); the grid may reach beyond its right and lower edge."""
        torch = self.torch
        image = torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 255
        height, width = image.shape[1:]
        padded = torch.nn.functional.pad((image - self.mean) / self.spread, (0, -width % 32, 0, -height % 32))
        with torch.inference_mode():
            seen = self.body(padded[None])
            size = seen[self.grid].shape[2:]
            finer = [torch.nn.functional.interpolate(seen[n], size, mode="area") for n in self.levels if n < self.grid]
        return tuple(part[0].half().numpy() for part in (*finer, *(seen[n] for n in self.levels if n >= self.grid)))

    def teach(self, examples: Sequence[tuple[Maps, Wanted]], count: int, usual: float, seed: int) -> Head:
        """Return a head that says of maps what is wanted; `usual` is half of the side of the usual box, in pixels."""
        torch, rng = self.torch, np.random.default_rng(seed)
        head = _new_head([len(part) for part in examples[0][0]], count, usual, rng)
        parts = {name: torch.from_numpy(part).requires_grad_(name != "usual") for name, part in head.items()}
        learnt = [part for part in parts.values() if part.requires_grad]
        adam = torch.optim.AdamW(learnt, lr=RATE, weight_decay=DECAY)
        rates = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=STEPS, pct_start=0.1)
        for _ in range(STEPS):
            adam.zero_grad()
            for place in rng.integers(len(examples), size=BATCH):
                maps, goal = examples[place]
                (self._loss(*self._say(parts, maps), goal) / BATCH).backward()
            adam.step()
            rates.step()
        return {name: part.detach().numpy() for name, part in parts.items()}

    def say(self, head: Head, maps: Maps) -> tuple[Floats, Floats]:
        """Return the hills (k, h, w), from 0 to 1, and the sides (4, h, w), in pixels, that a head sees."""
        torch = self.torch
        with torch.inference_mode():
            marks, sides = self._say({name: torch.from_numpy(part) for name, part in head.items()}, maps)
            return torch.sigmoid(marks).numpy(), sides.numpy()

    def _say(self, head: dict[str, Any], maps: Maps) -> tuple[Any, Any]:
        torch, more = self.torch, self.torch.nn.functional
        size, layer = maps[0].shape[1:], 0.0
        for n, part in enumerate(maps):
            seen = more.conv2d(torch.from_numpy(part).float()[None], head[f"level{n}"])
            layer = layer + more.interpolate(seen, size, mode="bilinear", align_corners=False)
        layer = more.relu(more.group_norm(layer, GROUPS, head["scale"], head["shift"]))
        for n in range(LAYERS):
            seen = more.conv2d(layer, head[f"layer{n}"], padding=1)
            layer = layer + more.relu(more.group_norm(seen, GROUPS, head[f"scale{n}"], head[f"shift{n}"]))
        out = more.conv2d(layer, head["out"], head["bias"])[0]
        return out[:-4], torch.exp(out[-4:].clamp(-FAR, FAR)) * head["usual"]

    def _loss(self, marks: Any, sides: Any, goal: Wanted) -> Any:
        torch = self.torch
        hills, true, weights = (torch.from_numpy(part) for part in (goal.hills, goal.sides, goal.weights))
        cross = torch.nn.functional.binary_cross_entropy_with_logits(marks, hills, reduction="none")
        hard = ((hills - torch.sigmoid(marks)) ** 2 * cross).sum()
        small, large = torch.minimum(sides, true), torch.maximum(sides, true)
        both = (small[0] + small[2]).clamp(min=0) * (small[1] + small[3]).clamp(min=0)
        hull = ((large[0] + large[2]) * (large[1] + large[3])).clamp(min=1e-6)
        either = _area(sides) + _area(true) - both
        off = 1 - both / either.clamp(min=1e-6) + (hull - either) / hull
        return (hard + (off * weights).sum()) / weights.sum().clamp(min=1)


def _area(sides: Any) -> Any:
    return (sides[0] + sides[2]) * (sides[1] + sides[3])


def _new_head(widths: Sequence[int], count: int, usual: float, rng: np.random.Generator) -> Head:
    """Return the parts of a head that knows nothing yet."""

    def drawn(*shape: int) -> Floats:
        spread = np.sqrt(2 / np.prod(shape[1:]))
        return np.asarray(rng.standard_normal(shape) * spread, np.float32)

    head = {f"level{n}": drawn(WIDTH, width, 1, 1) for n, width in enumerate(widths)}
    head |= {f"layer{n}": drawn(WIDTH, WIDTH, 3, 3) for n in range(LAYERS)}
    for n in ("", *range(LAYERS)):
        head |= {f"scale{n}": np.ones(WIDTH, np.float32), f"shift{n}": np.zeros(WIDTH, np.float32)}
    bias = np.r_[np.full(count, RARE), np.zeros(4)].astype(np.float32)
    return head | {
        "out": drawn(count + 4, WIDTH, 1, 1) * np.float32(0.1),
        "bias": bias,
        "usual": np.array([usual], np.float32),
    }


@lru_cache(maxsize=1)
def network(model: str) -> Network:
    """Load the network, once a process. Raises EncoderMissing: it takes torch, and a model of timm."""
    return had(KIND, model, _loaded)


def _loaded(model: str) -> Network:
    torch, body = import_module("torch"), timm_model(model, features_only=True)
    strides = body.feature_info.reduction()
    levels = tuple(n for n, stride in enumerate(strides) if stride >= FINEST)
    how = import_module("timm.data").resolve_model_data_config(body)
    mean, spread = (torch.tensor(how[name]).view(3, 1, 1) for name in ("mean", "std"))
    grid = next(n for n, stride in enumerate(strides) if stride >= CELL)
    return Network(strides[grid], torch, body, levels, grid, mean, spread)
