"""Images by a network: what it makes of them before it would name them.

A model is a folder of the library of encoders, or one of timm or open_clip: [open_clip:]NAME[@WEIGHTS]. NAME is one of
the library's names, or a folder with a model as the library writes it for the Hugging Face hub. WEIGHTS is a file
(.safetensors, or .pth without code in it) or, for open_clip, the name of weights; without it they are the library's
own, from the hub.

Wightman, PyTorch Image Models, 2019; Radford et al., Learning transferable visual models, ICML 2021 (Ilharco et al.,
OpenCLIP, 2021).
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotation.lazy_text import LazyText as _
from learner.engine.features.encoders.encoding import EncodeFunction, EncoderKind
from learner.engine.features.encoders.image_encoding import load_image_network
from learner.engine.features.encoders.stored_encoder import read_stored_encoder
from learner.engine.features.image_loading import open_image

CLIP_PREFIX = "open_clip:"  # before the name of a model that is not timm's
BATCH_IMAGES = 32

Tensor: TypeAlias = Any  # of torch, which need not be installed
Module: TypeAlias = Any
Preprocess = Callable[[Image.Image], Tensor]  # cuts, scales and centres an image as in training
Embed = Callable[[Tensor], Tensor]  # m of these -> (m, d)


def required_package(model: str) -> str:
    """Return the package that has the model of that name."""
    if stored := read_stored_encoder(Path(model)):
        return stored.package
    return "open_clip" if model.startswith(CLIP_PREFIX) else "timm"


def timm_model(model: str, **options: object) -> Module:
    """Return the network, made by timm with these options, with its weights. Raises what timm raises."""
    name, weights = _name_and_weights(model)
    file = {"pretrained_cfg_overlay": {"file": weights}} if weights else {}
    return import_module("timm").create_model(name, pretrained=True, **file, **options).eval()


def load_image_encoder(model: str) -> EncodeFunction:
    """Return what encodes the images in files by that model."""
    if stored := read_stored_encoder(Path(model)):
        return load_image_network(Path(model), stored)
    torch = import_module("torch")
    preprocess, embed = (_load_clip if model.startswith(CLIP_PREFIX) else _load_timm)(model)

    def encode(paths: Sequence[str]) -> NDArray[Any]:
        parts = [paths[low : low + BATCH_IMAGES] for low in range(0, len(paths), BATCH_IMAGES)]
        with torch.inference_mode():
            return np.concatenate(
                [np.asarray(embed(torch.stack([preprocess(open_image(path)) for path in part]))) for part in parts]
            )

    return encode


def _load_timm(model: str) -> tuple[Preprocess, Embed]:
    network, data = timm_model(model, num_classes=0), import_module("timm.data")
    return data.create_transform(**data.resolve_model_data_config(network), is_training=False), network


def _load_clip(model: str) -> tuple[Preprocess, Embed]:
    name, weights = _name_and_weights(model.removeprefix(CLIP_PREFIX))
    network, preprocess = import_module("open_clip").create_model_from_pretrained(name, pretrained=weights or None)
    return preprocess, network.eval().encode_image


def _name_and_weights(model: str) -> tuple[str, str]:
    """Return the name, as both libraries spell it, and the weights; "" where they are the library's own."""
    if Path(model).is_dir():
        return f"local-dir:{model}", ""
    name, _, weights = model.partition("@")
    return (model, "") if ":" in name else (name, weights)  # on the hub an @ is of a revision


KIND = EncoderKind(
    name="image_encoder",
    unnamed_message=_(
        "No image encoder is on this server (margin encoder add, or MARGIN_IMAGE_ENCODER): Margin goes on without one."
    ),
    package=required_package,
    load=load_image_encoder,
)
