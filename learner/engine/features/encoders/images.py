"""Images by a network of timm or open_clip: what it makes of them before it would name them.

A model is written [open_clip:]NAME[@WEIGHTS]. NAME is one of the library's names, or a folder with a model as the
library writes it for the Hugging Face hub. WEIGHTS is a file (.safetensors, or .pth without code in it) or, for
open_clip, the name of weights; without it they are the library's own, from the hub.

Wightman, PyTorch Image Models, 2019; Radford et al., Learning transferable visual models, ICML 2021 (Ilharco et al.,
OpenCLIP, 2021).
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotation.lazy_text import LazyText as _
from learner.engine.features.encoders.encoding import Kind, Network
from learner.engine.features.image_loading import opened

CLIP = "open_clip:"  # before the name of a model that is not timm's
BATCH = 32  # images in the network at once


def package(model: str) -> str:
    """Return the package that has the model of that name."""
    return "open_clip" if model.startswith(CLIP) else "timm"


def timm_model(model: str, **options: Any) -> Any:
    """Return the network, made by timm with these options, with its weights. Raises what timm raises."""
    name, weights = _parts(model)
    file = {"pretrained_cfg_overlay": {"file": weights}} if weights else {}
    return import_module("timm").create_model(name, pretrained=True, **file, **options).eval()


def load(model: str) -> Network:
    """Return what encodes the images in files by that model."""
    torch = import_module("torch")
    look, embed = (_of_clip if model.startswith(CLIP) else _of_timm)(model)

    def encode(paths: Sequence[str]) -> NDArray[Any]:
        parts = [paths[low : low + BATCH] for low in range(0, len(paths), BATCH)]
        with torch.inference_mode():
            return np.concatenate(
                [np.asarray(embed(torch.stack([look(opened(path)) for path in part]))) for part in parts]
            )

    return encode


Look = Callable[[Image.Image], Any]  # an image -> what the network takes of it: cut, scaled and centred as in training
Embed = Callable[[Any], Any]  # m of these -> (m, d)


def _of_timm(model: str) -> tuple[Look, Embed]:
    network, data = timm_model(model, num_classes=0), import_module("timm.data")
    return data.create_transform(**data.resolve_model_data_config(network), is_training=False), network


def _of_clip(model: str) -> tuple[Look, Embed]:
    name, weights = _parts(model.removeprefix(CLIP))
    network, look = import_module("open_clip").create_model_from_pretrained(name, pretrained=weights or None)
    return look, network.eval().encode_image


def _parts(model: str) -> tuple[str, str]:
    """Return the name, as both libraries spell it, and the weights; "" where they are the library's own."""
    if Path(model).is_dir():
        return f"local-dir:{model}", ""
    name, _, weights = model.partition("@")
    return (model, "") if ":" in name else (name, weights)  # on the hub an @ is of a revision


KIND = Kind(
    name="image_encoder",
    unnamed=_("No image encoder is named on this server (MARGIN_IMAGE_ENCODER): Margin goes on without one."),
    package=package,
    load=load,
)
