"""EfficientNet-Lite: images to vectors, in numpy.

Tan and Le, EfficientNet, ICML 2019, without squeeze-and-excitation and with ReLU6 (Liu, EfficientNet-Lite, 2020). An
image is an array (height, width, channels), so that a convolution of one pixel is a product of matrices; one over
neighbours adds up as many shifted views. Batch normalisation is multiplied into the convolutions before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

INPUT_SIDE = 224  # pixels
PIXEL_MEAN, PIXEL_SCALE = np.float32(127), np.float32(1 / 128)  # of the training
STAGE_STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of the first block of each stage
STEM_STRIDE = 2
NORM_EPSILON = 1e-3
BLOCK_FLOATS = 1 << 16  # of a result that are added up at a time, which the processor keeps close by


class NotEfficientNetLite(Exception):
    """Tensors of another network; the message says which is missing."""


@dataclass(frozen=True)
class Pointwise:
    """A convolution of one pixel."""

    weights: Floats  # (channels, new channels)
    bias: Floats

    def __call__(self, image: Floats) -> Floats:
        height, width, channels = image.shape
        result: Floats = image.reshape(-1, channels) @ self.weights
        result += self.bias
        return result.reshape(height, width, -1)


@dataclass(frozen=True)
class Depthwise:
    """A convolution over neighbours, each channel for itself."""

    weights: Floats  # (k, k, channels)
    bias: Floats
    stride: int

    def __call__(self, image: Floats) -> Floats:
        side, stride = len(self.weights), self.stride
        padded, height, width = pad_same(image, side, stride)
        result = np.empty((height, width, image.shape[2]), np.float32)
        rows = max(1, BLOCK_FLOATS // max(1, width * image.shape[2]))
        for low in range(0, height, rows):
            block = result[low : low + rows]
            block[:] = self.bias
            product = np.empty_like(block)
            for dy in range(side):
                lines = padded[low * stride + dy :: stride][: len(block)]
                for dx in range(side):
                    columns = lines[:, dx : dx + (width - 1) * stride + 1 : stride]
                    block += np.multiply(columns, self.weights[dy, dx], out=product)
        return result


@dataclass(frozen=True)
class Stem:
    """The first convolution: over neighbours and all three colours."""

    weights: Floats  # (k * k * 3, channels)
    bias: Floats
    side: int

    def __call__(self, image: Floats) -> Floats:
        padded, height, width = pad_same(image, self.side, STEM_STRIDE)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (self.side, self.side), axis=(0, 1))
        patches = windows[::STEM_STRIDE, ::STEM_STRIDE].transpose(0, 1, 3, 4, 2).reshape(height * width, -1)
        return (patches @ self.weights + self.bias).reshape(height, width, -1)


@dataclass(frozen=True)
class InvertedResidual:
    """More channels, neighbours, fewer channels; added to what came in where it has the same shape."""

    expand: Pointwise | None
    depthwise: Depthwise
    project: Pointwise

    def __call__(self, image: Floats) -> Floats:
        wide = image if self.expand is None else relu6(self.expand(image))
        result = self.project(relu6(self.depthwise(wide)))
        if self.depthwise.stride == 1 and result.shape == image.shape:
            result += image
        return result


@dataclass(frozen=True)
class EfficientNetLite:
    """The network without its last layer, which names things."""

    stem: Stem
    blocks: tuple[InvertedResidual, ...]
    head: Pointwise

    @property
    def dimensions(self) -> int:
        """How long the vectors are."""
        return len(self.head.bias)

    def encode(self, pixels: NDArray[np.uint8]) -> Floats:
        """Return (d,) of one RGB image, (height, width, 3): the means of the head's channels."""
        image: Floats = (pixels.astype(np.float32) - PIXEL_MEAN) * PIXEL_SCALE
        image = relu6(self.stem(image))
        for block in self.blocks:
            image = block(image)
        return np.asarray(relu6(self.head(image)).mean(axis=(0, 1)))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Floats]) -> Self:
        """Make the network of tensors as lukemelas's EfficientNet-PyTorch names them. Raises NotEfficientNetLite."""
        if any("_se_reduce" in name for name in tensors):
            raise NotEfficientNetLite("It is an EfficientNet with squeeze-and-excitation; only Lite ones are computed.")
        try:
            return cls._assembled(tensors)
        except (KeyError, ValueError, IndexError) as error:
            raise NotEfficientNetLite(f"It is no EfficientNet-Lite ({error}).") from error

    @classmethod
    def _assembled(cls, tensors: Mapping[str, Floats]) -> Self:
        stem, bias = _folded(tensors, "_conv_stem", "_bn0")
        blocks: list[InvertedResidual] = []
        channels, stage = len(bias), -1
        for number in takewhile(lambda n: f"_blocks.{n}._project_conv.weight" in tensors, count()):
            name = f"_blocks.{number}."
            project = _pointwise(tensors, f"{name}_project_conv", f"{name}_bn2")
            starts_stage = len(project.bias) != channels
            stage, channels = stage + starts_stage, len(project.bias)
            stride = STAGE_STRIDES[stage] if starts_stage else 1
            has_expand = f"{name}_expand_conv.weight" in tensors
            expand = _pointwise(tensors, f"{name}_expand_conv", f"{name}_bn0") if has_expand else None
            weights, shift = _folded(tensors, f"{name}_depthwise_conv", f"{name}_bn1")
            depthwise = Depthwise(np.ascontiguousarray(weights[:, 0].transpose(1, 2, 0)), shift, stride)
            blocks.append(InvertedResidual(expand, depthwise, project))
        if stage + 1 != len(STAGE_STRIDES):
            raise ValueError(f"{stage + 1} stages")
        flat = np.ascontiguousarray(stem.transpose(2, 3, 1, 0).reshape(-1, len(bias)))
        return cls(Stem(flat, bias, stem.shape[2]), tuple(blocks), _pointwise(tensors, "_conv_head", "_bn1"))


def _folded(tensors: Mapping[str, Floats], convolution: str, norm: str) -> tuple[Floats, Floats]:
    """Return the weights (out, in, k, k) and the bias of a convolution and the normalisation behind it as one."""
    scale = tensors[f"{norm}.weight"] / np.sqrt(tensors[f"{norm}.running_var"] + NORM_EPSILON)
    weights = tensors[f"{convolution}.weight"] * scale[:, None, None, None]
    bias = tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale
    return weights.astype(np.float32), bias.astype(np.float32)


def _pointwise(tensors: Mapping[str, Floats], convolution: str, norm: str) -> Pointwise:
    weights, bias = _folded(tensors, convolution, norm)
    return Pointwise(np.ascontiguousarray(weights[:, :, 0, 0].T), bias)


def pad_same(image: Floats, side: int, stride: int) -> tuple[Floats, int, int]:
    """Return the image with zeros around it, and the height and width of the result, as TensorFlow's SAME does."""
    sizes = [-(-length // stride) for length in image.shape[:2]]
    missing = [max((size - 1) * stride + side - length, 0) for size, length in zip(sizes, image.shape[:2], strict=True)]
    around = [(total // 2, total - total // 2) for total in missing]
    return np.pad(image, [*around, (0, 0)]), sizes[0], sizes[1]


def relu6(image: Floats) -> Floats:
    """Bound to [0, 6], in place."""
    np.maximum(image, 0, out=image)
    return np.minimum(image, 6, out=image)
