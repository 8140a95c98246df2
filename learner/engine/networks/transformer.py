"""The encoder of a transformer: word pieces to vectors, in numpy.

BERT and what has its shape: MiniLM, RoBERTa, XLM-RoBERTa, multilingual ones of them. Devlin et al., BERT, NAACL 2019.

Sequences of all lengths lie behind each other in one array, without padding: every linear layer is one product over
all their pieces, and only attention goes length by length. A row never depends on what was encoded beside it but for
rounding.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BERT, ROBERTA = ("bert",), ("roberta", "xlm-roberta", "camembert")  # values of model_type
NAME_PREFIXES = ("", "bert.", "roberta.", "model.", "0.auto_model.")  # before the names of tensors

GELU_ROWS = 32  # at a time, which the processor keeps close by
ERF_SCALE = np.float32(0.3275911 * np.sqrt(0.5))
ERF_COEFFICIENTS = tuple(map(np.float32, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)))


class UnknownArchitecture(Exception):
    """A network that is not computed here; the message says which."""


@dataclass(frozen=True)
class Linear:
    """x W + b."""

    weights: Floats  # (d, k)
    bias: Floats  # (k,)

    def __call__(self, rows: Floats) -> Floats:
        result: Floats = rows @ self.weights
        result += self.bias
        return result


@dataclass(frozen=True)
class LayerNorm:
    """Rows of mean zero and variance one, scaled and moved."""

    scale: Floats
    shift: Floats
    epsilon: np.float32

    def __call__(self, rows: Floats) -> Floats:
        centred: Floats = rows - rows.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", centred, centred) / np.float32(rows.shape[1])
        centred *= (1 / np.sqrt(variance + self.epsilon))[:, None]
        centred *= self.scale
        centred += self.shift
        return centred


@dataclass(frozen=True)
class TransformerLayer:
    """Attention, then two linear layers, each added to what came in."""

    query_key_value: Linear  # (d, 3 d)
    attention_output: Linear
    attention_norm: LayerNorm
    intermediate: Linear
    output: Linear
    output_norm: LayerNorm
    heads: int

    def __call__(self, rows: Floats, runs: Sequence["Run"]) -> Floats:
        """Return (pieces, d); sequences attend to themselves alone."""
        mixed = self.query_key_value(rows)
        attended = np.empty_like(rows)
        for run in runs:
            attended[run.start : run.stop] = _attend(mixed[run.start : run.stop], run.length, self.heads)
        rows = self.attention_norm(rows + self.attention_output(attended))
        return self.output_norm(rows + self.output(gelu(self.intermediate(rows))))


@dataclass(frozen=True)
class Run:
    """Neighbouring sequences of one length."""

    start: int
    stop: int
    length: int


@dataclass(frozen=True)
class TransformerEncoder:
    """Embeddings and layers."""

    words: Floats  # (vocabulary, d)
    positions: Floats  # (longest, d), the first being that of the first piece
    embedding_norm: LayerNorm
    layers: tuple[TransformerLayer, ...]

    @property
    def dimensions(self) -> int:
        """How long the vectors are."""
        return int(self.words.shape[1])

    @property
    def max_pieces(self) -> int:
        """How many pieces a sequence may have."""
        return len(self.positions)

    def encode(self, sequences: Sequence[Sequence[int]]) -> tuple[Floats, list[Run]]:
        """Return (pieces, d), the vectors of all pieces of all sequences, and where they lie: sorted by length.

        `sequences` ascend in length, and none is empty. O(pieces d^2 + sequences length^2 d).
        """
        runs = list(_runs([len(sequence) for sequence in sequences]))
        rows: Floats = self.words[np.concatenate([np.asarray(sequence, np.intp) for sequence in sequences])]
        for run in runs:
            block = rows[run.start : run.stop].reshape(-1, run.length, self.dimensions)
            block += self.positions[: run.length]
        rows = self.embedding_norm(rows)
        for layer in self.layers:
            rows = layer(rows, runs)
        return rows, runs

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Floats], config: Mapping[str, object]) -> Self:
        """Make the network of the tensors that Hugging Face's transformers names so. Raises UnknownArchitecture."""
        kind = str(config.get("model_type"))
        if kind not in BERT + ROBERTA or config.get("hidden_act", "gelu") != "gelu":
            raise UnknownArchitecture(f"A transformer of the kind {kind} is not computed here; its ONNX file is.")
        if config.get("position_embedding_type", "absolute") != "absolute":
            raise UnknownArchitecture("A transformer with relative positions is not computed here; its ONNX file is.")
        try:
            return cls._assembled(_Tensors(tensors, _prefix(tensors)), config, kind)
        except (KeyError, ValueError) as error:
            raise UnknownArchitecture(f"Its tensors are not those of its config.json ({error}).") from error

    @classmethod
    def _assembled(cls, tensors: "_Tensors", config: Mapping[str, object], kind: str) -> Self:
        epsilon, heads = float(str(config.get("layer_norm_eps", 1e-12))), int(str(config["num_attention_heads"]))
        count = int(str(config["num_hidden_layers"]))
        # RoBERTa counts positions from behind that of the padding; everything is of the first of two token types
        first = int(str(config.get("pad_token_id", 1))) + 1 if kind in ROBERTA else 0
        positions = tensors["embeddings.position_embeddings.weight"][first:]
        types = tensors["embeddings.token_type_embeddings.weight"]
        layers = tuple(tensors.layer(f"encoder.layer.{index}.", heads, epsilon) for index in range(count))
        words = tensors["embeddings.word_embeddings.weight"]
        return cls(words, positions + types[0], tensors.norm("embeddings.LayerNorm.", epsilon), layers)


@dataclass(frozen=True)
class _Tensors:
    """Tensors by the names that they have behind a prefix."""

    tensors: Mapping[str, Floats]
    prefix: str

    def __getitem__(self, name: str) -> Floats:
        return np.ascontiguousarray(self.tensors[self.prefix + name], np.float32)

    def linear(self, *names: str) -> Linear:
        """Return linear layers side by side as one."""
        weights = np.concatenate([self[f"{name}weight"] for name in names])
        return Linear(np.ascontiguousarray(weights.T), np.concatenate([self[f"{name}bias"] for name in names]))

    def norm(self, name: str, epsilon: float) -> LayerNorm:
        return LayerNorm(self[f"{name}weight"], self[f"{name}bias"], np.float32(epsilon))

    def layer(self, name: str, heads: int, epsilon: float) -> TransformerLayer:
        own = f"{name}attention.self."
        mixed = self.linear(f"{own}query.", f"{own}key.", f"{own}value.")
        if mixed.weights.shape[0] % heads:
            raise ValueError(f"{mixed.weights.shape[0]} columns for {heads} heads")
        return TransformerLayer(
            query_key_value=mixed,
            attention_output=self.linear(f"{name}attention.output.dense."),
            attention_norm=self.norm(f"{name}attention.output.LayerNorm.", epsilon),
            intermediate=self.linear(f"{name}intermediate.dense."),
            output=self.linear(f"{name}output.dense."),
            output_norm=self.norm(f"{name}output.LayerNorm.", epsilon),
            heads=heads,
        )


def _prefix(tensors: Mapping[str, Floats]) -> str:
    """Return what comes before the names, which depends on what the network was saved in."""
    return next((prefix for prefix in NAME_PREFIXES if f"{prefix}embeddings.word_embeddings.weight" in tensors), "")


def _runs(lengths: Sequence[int]) -> Iterator[Run]:
    """Yield where sequences of one length lie; `lengths` ascend."""
    start = 0
    for length, count in zip(*np.unique(np.asarray(lengths), return_counts=True), strict=True):
        yield Run(start, start + int(length) * int(count), int(length))
        start += int(length) * int(count)


def _attend(mixed: Floats, length: int, heads: int) -> Floats:
    """Return (m length, d): softmax(Q K' / sqrt(size of a head)) V of m sequences of one length, head by head."""
    size = mixed.shape[1] // (3 * heads)
    query, key, value = mixed.reshape(-1, length, 3, heads, size).transpose(2, 0, 3, 1, 4)
    scores: Floats = query @ key.transpose(0, 1, 3, 2)
    scores *= np.float32(size**-0.5)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    attended: Floats = (scores @ value).transpose(0, 2, 1, 3).reshape(len(mixed), heads * size)
    return attended


def gelu(rows: Floats) -> Floats:
    """Return x times the normal distribution's share below x, in the place of x; the exact one, not its tanh.

    By the error function of Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 7.1.26: within 4e-7 here,
    in a sixth of the time that scipy.special.erf takes.
    """
    for low in range(0, len(rows), GELU_ROWS):
        x = rows[low : low + GELU_ROWS]
        size = np.abs(x)
        t = np.reciprocal(size * ERF_SCALE + 1)
        tail = t * ERF_COEFFICIENTS[0]  # the share beyond |x|
        for coefficient in ERF_COEFFICIENTS[1:]:
            tail += coefficient
            tail *= t
        np.square(x, out=t)
        t *= np.float32(-0.5)
        tail *= np.exp(t, out=t)
        tail *= np.float32(0.5)
        tail *= size
        np.maximum(x, 0, out=x)
        x -= tail
    return rows
