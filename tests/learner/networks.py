"""Tiny networks with random weights, and the same computed again in the plainest way."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from learner.engine.weights.safetensors_files import write_safetensors

WIDTH, HEADS, LAYERS, INNER, POSITIONS = 8, 2, 2, 12, 16
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "free", "prize", "now", "lunch", "milk", "day", "late", "call", "win", "a"),
    *("cheap", "loans", "today", "claim", "your", "cash", "reward", "urgent", "winner", "text", "back", "see", "you"),
    *("at", "running", "sorry", "can", "pick", "up", "how", "was"),
]
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 0,
}
STEM_CHANNELS = 8
# channels, side of the depthwise convolution and growth of the blocks: seven stages, each with channels of its own
BLOCKS = ((10, 3, 1), (12, 3, 6), (12, 3, 6), (16, 5, 6), (20, 3, 6), (24, 5, 6), (24, 5, 6), (28, 5, 6), (32, 3, 6))
BLOCK_STRIDES = (1, 2, 1, 2, 2, 1, 1, 2, 1)


def transformer_tensors(seed: int = 0, positions: int = POSITIONS) -> dict[str, np.ndarray]:
    """Return tensors of a BERT, as Hugging Face's transformers names them."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": numbers(len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": numbers(positions, WIDTH),
        "embeddings.token_type_embeddings.weight": numbers(2, WIDTH),
        "embeddings.LayerNorm.weight": 1 + numbers(WIDTH),
        "embeddings.LayerNorm.bias": numbers(WIDTH),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        sides = {
            "attention.self.query": (WIDTH, WIDTH),
            "attention.self.key": (WIDTH, WIDTH),
            "attention.self.value": (WIDTH, WIDTH),
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (INNER, WIDTH),
            "output.dense": (WIDTH, INNER),
        }
        for part, shape in sides.items():
            tensors |= {f"{name}.{part}.weight": numbers(*shape), f"{name}.{part}.bias": numbers(shape[0])}
        for part in ("attention.output", "output"):
            tensors |= {f"{name}.{part}.LayerNorm.weight": 1 + numbers(WIDTH)}
            tensors |= {f"{name}.{part}.LayerNorm.bias": numbers(WIDTH)}
    return tensors


def plain_transformer(tensors: dict[str, np.ndarray], ids: list[int], first_position: int = 0) -> np.ndarray:
    """Return (pieces, WIDTH) of one sequence, piece by piece and head by head, in double precision."""
    t = {name: array.astype(np.float64) for name, array in tensors.items()}

    def norm(rows: np.ndarray, name: str) -> np.ndarray:
        centred = rows - rows.mean(1, keepdims=True)
        return centred / np.sqrt(rows.var(1, keepdims=True) + 1e-5) * t[f"{name}.weight"] + t[f"{name}.bias"]

    def linear(rows: np.ndarray, name: str) -> np.ndarray:
        return rows @ t[f"{name}.weight"].T + t[f"{name}.bias"]

    places = np.arange(len(ids)) + first_position
    rows = t["embeddings.word_embeddings.weight"][ids] + t["embeddings.position_embeddings.weight"][places]
    rows = norm(rows + t["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name, size = f"encoder.layer.{layer}", WIDTH // HEADS
        q, k, v = (linear(rows, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
        attended = np.zeros_like(rows)
        for head in range(HEADS):
            own = slice(head * size, (head + 1) * size)
            for piece in range(len(ids)):
                weights = np.exp([q[piece, own] @ k[other, own] / np.sqrt(size) for other in range(len(ids))])
                attended[piece, own] = weights / weights.sum() @ v[:, own]
        rows = norm(rows + linear(attended, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        inner = linear(rows, f"{name}.intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        rows = norm(rows + linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    return rows


def write_sentence_model(folder: Path, tensors: dict[str, np.ndarray] | None = None, **config: Any) -> Path:
    """Write a folder as sentence-transformers does: network, tokenizer, pooling."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", WORDS.index("[CLS]")), ("[SEP]", WORDS.index("[SEP]"))]
    )
    tokenizer.enable_padding(length=12)  # as published ones are saved; texts are not filled up here
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({**CONFIG, **config}))
    write_safetensors(folder / "model.safetensors", tensors or transformer_tensors())
    return folder


def image_tensors(seed: int = 0) -> dict[str, np.ndarray]:
    """Return tensors of a narrow EfficientNet-Lite, as EfficientNet-PyTorch names them."""
    rng = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}

    def convolution(name: str, norm: str, out: int, into: int, side: int) -> None:
        tensors[f"{name}.weight"] = rng.normal(0, (into * side * side) ** -0.5, (out, into, side, side))
        for part, low in (("weight", 0.5), ("bias", -0.5), ("running_mean", -0.2), ("running_var", 0.5)):
            tensors[f"{norm}.{part}"] = rng.uniform(low, low + 1, out)

    convolution("_conv_stem", "_bn0", STEM_CHANNELS, 3, 3)
    channels = STEM_CHANNELS
    for number, (width, side, growth) in enumerate(BLOCKS):
        name, wide = f"_blocks.{number}.", channels * growth
        if growth > 1:
            convolution(f"{name}_expand_conv", f"{name}_bn0", wide, channels, 1)
        convolution(f"{name}_depthwise_conv", f"{name}_bn1", wide, 1, side)
        convolution(f"{name}_project_conv", f"{name}_bn2", width, wide, 1)
        channels = width
    convolution("_conv_head", "_bn1", 40, channels, 1)
    return {name: array.astype(np.float32) for name, array in tensors.items()}


def plain_convolution(image: np.ndarray, weights: np.ndarray, stride: int, groups: int) -> np.ndarray:
    """Return a convolution of (channels, height, width), number by number, padded as TensorFlow does."""
    out, into, side, _ = weights.shape
    sizes = [-(-length // stride) for length in image.shape[1:]]
    pads = [max((size - 1) * stride + side - length, 0) for size, length in zip(sizes, image.shape[1:], strict=True)]
    padded = np.pad(image, [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads)])
    result = np.zeros((out, *sizes))
    for channel in range(out):
        first = channel // (out // groups) * into
        for y in range(sizes[0]):
            for x in range(sizes[1]):
                window = padded[first : first + into, y * stride : y * stride + side, x * stride : x * stride + side]
                result[channel, y, x] = (window * weights[channel]).sum()
    return result


def plain_image_network(tensors: dict[str, np.ndarray], pixels: np.ndarray) -> np.ndarray:
    """Return the vector of an image by the definition of the network, in double precision."""
    t = {name: array.astype(np.float64) for name, array in tensors.items()}

    def layer(image: np.ndarray, name: str, norm: str, stride: int, *, bounded: bool, depthwise: bool = False):
        groups = len(image) if depthwise else 1
        rows = plain_convolution(image, t[f"{name}.weight"], stride, groups)
        mean, var, scale, shift = (
            t[f"{norm}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
        )
        rows = (rows - mean) / np.sqrt(var + 1e-3) * scale + shift
        return np.clip(rows, 0, 6) if bounded else rows

    image = layer((pixels.transpose(2, 0, 1) - 127.0) / 128, "_conv_stem", "_bn0", 2, bounded=True)
    for number, stride in enumerate(BLOCK_STRIDES):
        name, before = f"_blocks.{number}.", image
        if f"{name}_expand_conv.weight" in t:
            image = layer(image, f"{name}_expand_conv", f"{name}_bn0", 1, bounded=True)
        image = layer(image, f"{name}_depthwise_conv", f"{name}_bn1", stride, bounded=True, depthwise=True)
        image = layer(image, f"{name}_project_conv", f"{name}_bn2", 1, bounded=False)
        if stride == 1 and image.shape == before.shape:
            image = image + before
    return layer(image, "_conv_head", "_bn1", 1, bounded=True).mean((1, 2))
