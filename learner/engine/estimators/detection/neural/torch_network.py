"""The one file of the detector that knows torch: a network that gives feature maps, and a head over it.

The head: the feature maps of several scales, brought to one grid and added up; two more layers; for each cell a
number per label and four sides. Trained with the quality focal loss (Li et al., Generalized focal loss, NeurIPS 2020)
and generalized intersection over union (Rezatofighi et al., CVPR 2019) by AdamW (Loshchilov and Hutter, ICLR 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.neural.grid_targets import Floats, GridTargets
from learner.engine.features.encoders.encoding import load_or_raise_encoder_missing
from learner.engine.features.encoders.images import KIND, timm_model

Maps = tuple[NDArray[np.float16], ...]  # (c, h, w) of an image, the first on the grid, the last the coarsest
Head = dict[str, Floats]
MEDIAN_SIDE = "usual"  # the name of a head's array, as stored models have it

Tensor: TypeAlias = Any  # of torch, which need not be installed

MIN_STRIDE, GRID_STRIDE = 4, 8  # pixels of the cells of maps that are used at least, and of the grid
HEAD_CHANNELS, HEAD_GROUPS, HEAD_LAYERS = 64, 8, 2
HEAD_STEPS, BATCH_IMAGES, HEAD_LEARNING_RATE, HEAD_WEIGHT_DECAY = 400, 4, 3e-3, 1e-2
MAX_LOG_SIDE = 4.0  # that a side may be off the median side
INITIAL_LOGIT = -3.0  # of every label: there are few objects


@dataclass(frozen=True)
class TorchBackbone:
    """A network with feature maps of several scales, which trains heads over these."""

    stride: int  # pixels of a cell of the grid
    torch: Any
    body: Any
    levels: tuple[int, ...]  # which of the body's maps are used
    grid: int  # which of them has the grid
    mean: Any
    deviation: Any

    def extract_features(self, pixels: NDArray[np.uint8]) -> Maps:
        """Return the feature maps of an image (h, w, 3); the grid may reach beyond its right and lower edge."""
        torch = self.torch
        image = torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 255
        height, width = image.shape[1:]
        padded = torch.nn.functional.pad((image - self.mean) / self.deviation, (0, -width % 32, 0, -height % 32))
        with torch.inference_mode():
            maps = self.body(padded[None])
            size = maps[self.grid].shape[2:]
            finer = [torch.nn.functional.interpolate(maps[n], size, mode="area") for n in self.levels if n < self.grid]
        return tuple(part[0].half().numpy() for part in (*finer, *(maps[n] for n in self.levels if n >= self.grid)))

    def train_head(
        self, examples: Sequence[tuple[Maps, GridTargets]], label_count: int, half_side: float, seed: int
    ) -> Head:
        """Return a head that predicts the targets of maps; `half_side` is half of the median box's side, in pixels."""
        torch, rng = self.torch, np.random.default_rng(seed)
        head = _new_head([len(part) for part in examples[0][0]], label_count, half_side, rng)
        parts = {name: torch.from_numpy(part).requires_grad_(name != MEDIAN_SIDE) for name, part in head.items()}
        trained = [part for part in parts.values() if part.requires_grad]
        adam = torch.optim.AdamW(trained, lr=HEAD_LEARNING_RATE, weight_decay=HEAD_WEIGHT_DECAY)
        rates = torch.optim.lr_scheduler.OneCycleLR(adam, HEAD_LEARNING_RATE, total_steps=HEAD_STEPS, pct_start=0.1)
        for _ in range(HEAD_STEPS):
            adam.zero_grad()
            for index in rng.integers(len(examples), size=BATCH_IMAGES):
                maps, targets = examples[index]
                (self._detection_loss(*self._run_head(parts, maps), targets) / BATCH_IMAGES).backward()
            adam.step()
            rates.step()
        return {name: part.detach().numpy() for name, part in parts.items()}

    def predict_heatmaps(self, head: Head, maps: Maps) -> tuple[Floats, Floats]:
        """Return the heatmaps (k, h, w), from 0 to 1, and the sides (4, h, w), in pixels, by a head."""
        torch = self.torch
        with torch.inference_mode():
            logits, edge_distances = self._run_head({name: torch.from_numpy(part) for name, part in head.items()}, maps)
            return torch.sigmoid(logits).numpy(), edge_distances.numpy()

    def _run_head(self, head: dict[str, Tensor], maps: Maps) -> tuple[Tensor, Tensor]:
        """Return logits (k, h, w) of the labels, and the distances (4, h, w) to the edges of the box, in pixels."""
        torch, functional = self.torch, self.torch.nn.functional
        size, activations = maps[0].shape[1:], 0.0
        for n, part in enumerate(maps):
            level = functional.conv2d(torch.from_numpy(part).float()[None], head[f"level{n}"])
            activations = activations + functional.interpolate(level, size, mode="bilinear", align_corners=False)
        activations = functional.relu(functional.group_norm(activations, HEAD_GROUPS, head["scale"], head["shift"]))
        for n in range(HEAD_LAYERS):
            inner = functional.conv2d(activations, head[f"layer{n}"], padding=1)
            activations = activations + functional.relu(
                functional.group_norm(inner, HEAD_GROUPS, head[f"scale{n}"], head[f"shift{n}"])
            )
        out = functional.conv2d(activations, head["out"], head["bias"])[0]
        return out[:-4], torch.exp(out[-4:].clamp(-MAX_LOG_SIDE, MAX_LOG_SIDE)) * head[MEDIAN_SIDE]

    def _detection_loss(self, logits: Tensor, edge_distances: Tensor, targets: GridTargets) -> Tensor:
        """Return the focal loss of the heatmaps plus the generalized IoU loss of the boxes, per object."""
        torch = self.torch
        parts = (targets.heatmaps, targets.edge_distances, targets.weights)
        heatmaps, true_distances, weights = (torch.from_numpy(part) for part in parts)
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, heatmaps, reduction="none")
        focal_loss = ((heatmaps - torch.sigmoid(logits)) ** 2 * cross_entropy).sum()
        inner, outer = torch.minimum(edge_distances, true_distances), torch.maximum(edge_distances, true_distances)
        intersection = (inner[0] + inner[2]).clamp(min=0) * (inner[1] + inner[3]).clamp(min=0)
        hull = ((outer[0] + outer[2]) * (outer[1] + outer[3])).clamp(min=1e-6)
        union = _box_area(edge_distances) + _box_area(true_distances) - intersection
        iou_loss = 1 - intersection / union.clamp(min=1e-6) + (hull - union) / hull
        return (focal_loss + (iou_loss * weights).sum()) / weights.sum().clamp(min=1)


def _box_area(edge_distances: Tensor) -> Tensor:
    return (edge_distances[0] + edge_distances[2]) * (edge_distances[1] + edge_distances[3])


def _new_head(widths: Sequence[int], label_count: int, half_side: float, rng: np.random.Generator) -> Head:
    """Return the parts of an untrained head."""

    def random_weights(*shape: int) -> Floats:
        deviation = np.sqrt(2 / np.prod(shape[1:]))
        return np.asarray(rng.standard_normal(shape) * deviation, np.float32)

    head = {f"level{n}": random_weights(HEAD_CHANNELS, width, 1, 1) for n, width in enumerate(widths)}
    head |= {f"layer{n}": random_weights(HEAD_CHANNELS, HEAD_CHANNELS, 3, 3) for n in range(HEAD_LAYERS)}
    for n in ("", *range(HEAD_LAYERS)):
        head |= {f"scale{n}": np.ones(HEAD_CHANNELS, np.float32), f"shift{n}": np.zeros(HEAD_CHANNELS, np.float32)}
    bias = np.r_[np.full(label_count, INITIAL_LOGIT), np.zeros(4)].astype(np.float32)
    return head | {
        "out": random_weights(label_count + 4, HEAD_CHANNELS, 1, 1) * np.float32(0.1),
        "bias": bias,
        MEDIAN_SIDE: np.array([half_side], np.float32),
    }


@lru_cache(maxsize=1)
def load_backbone(model: str) -> TorchBackbone:
    """Load the network, once a process. Raises EncoderMissing: it takes torch, and a model of timm."""
    return load_or_raise_encoder_missing(KIND, model, _build_backbone)


def _build_backbone(model: str) -> TorchBackbone:
    torch, body = import_module("torch"), timm_model(model, features_only=True)
    strides = body.feature_info.reduction()
    levels = tuple(n for n, stride in enumerate(strides) if stride >= MIN_STRIDE)
    config = import_module("timm.data").resolve_model_data_config(body)
    mean, deviation = (torch.tensor(config[name]).view(3, 1, 1) for name in ("mean", "std"))
    grid = next(n for n, stride in enumerate(strides) if stride >= GRID_STRIDE)
    return TorchBackbone(strides[grid], torch, body, levels, grid, mean, deviation)
