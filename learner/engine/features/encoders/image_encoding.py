"""Images by a stored image encoder: the middle of each, at the size that the network was trained with."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.features.encoders.stored_encoder import StoredEncoder, checked_weights
from learner.engine.features.image_loading import open_image
from learner.engine.networks.efficientnet import INPUT_SIDE, EfficientNetLite
from learner.engine.weights.safetensors_files import load_safetensors

SHORTER_SIDE = 256  # pixels of an image before its middle is cut out, as in the network's own evaluation


def load_image_network(folder: Path, stored: StoredEncoder) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Return what encodes the images in files. Raises DamagedEncoder, OSError."""
    network = EfficientNetLite.from_tensors(load_safetensors(checked_weights(folder, stored)))

    def encode(paths: Sequence[str]) -> NDArray[np.float32]:
        with limit_blas_threads(1):  # small products: two threads would wait for each other
            return np.stack([network.encode(center_pixels(open_image(path))) for path in paths])

    return encode


def center_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return (INPUT_SIDE, INPUT_SIDE, 3): the middle square of an RGB image, scaled."""
    cut = min(image.size) * INPUT_SIDE / SHORTER_SIDE
    left, top = (image.width - cut) / 2, (image.height - cut) / 2
    box = (left, top, left + cut, top + cut)
    return np.asarray(image.resize((INPUT_SIDE, INPUT_SIDE), Image.Resampling.BICUBIC, box=box, reducing_gap=3))
