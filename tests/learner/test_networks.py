"""Networks in numpy: the same numbers as when each is computed in the plainest way."""

import numpy as np
import pytest
from scipy.special import erf

from learner.engine.networks.efficientnet import EfficientNetLite, NotEfficientNetLite
from learner.engine.networks.transformer import TransformerEncoder, UnknownArchitecture, gelu
from tests.learner import networks

SEQUENCES = [[2, 3], [2, 4, 3], [2, 7, 3], [2, 4, 5, 6, 7, 3]]


def encoded(network, sequences):
    rows, runs = network.encode(sequences)
    blocks = [block for run in runs for block in rows[run.start : run.stop].reshape(-1, run.length, rows.shape[1])]
    assert [len(block) for block in blocks] == [len(sequence) for sequence in sequences]
    return blocks


@pytest.mark.parametrize("prefix", ["", "bert.", "0.auto_model."])
def test_a_transformer_gives_what_its_definition_gives(prefix):
    tensors = networks.transformer_tensors()
    named = {prefix + name: array for name, array in tensors.items()}
    network = TransformerEncoder.from_tensors(named, networks.CONFIG)
    for sequence, rows in zip(SEQUENCES, encoded(network, SEQUENCES), strict=True):
        np.testing.assert_allclose(rows, networks.plain_transformer(tensors, sequence), atol=2e-5)
    assert network.dimensions == networks.WIDTH
    assert network.max_pieces == networks.POSITIONS


def test_roberta_counts_positions_from_behind_the_padding():
    tensors = networks.transformer_tensors(1)
    config = {**networks.CONFIG, "model_type": "xlm-roberta", "pad_token_id": 1}
    network = TransformerEncoder.from_tensors(tensors, config)
    rows = encoded(network, SEQUENCES[-1:])[0]
    np.testing.assert_allclose(rows, networks.plain_transformer(tensors, SEQUENCES[-1], 2), atol=2e-5)
    assert network.max_pieces == networks.POSITIONS - 2


def test_a_sequence_does_not_depend_on_those_beside_it():
    network = TransformerEncoder.from_tensors(networks.transformer_tensors(), networks.CONFIG)
    together = encoded(network, SEQUENCES)
    for sequence, rows in zip(SEQUENCES, together, strict=True):
        np.testing.assert_allclose(encoded(network, [sequence])[0], rows, atol=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "t5"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"num_hidden_layers": 3},
        {"num_attention_heads": 3},
    ],
)
def test_another_architecture_is_refused(config):
    with pytest.raises(UnknownArchitecture):
        TransformerEncoder.from_tensors(networks.transformer_tensors(), {**networks.CONFIG, **config})


def test_gelu_is_the_exact_one():
    x = np.linspace(-8, 8, 4001, dtype=np.float32).reshape(-1, 1)
    exact = x.astype(float) * (1 + erf(x.astype(float) / np.sqrt(2))) / 2
    np.testing.assert_allclose(gelu(x.copy()), exact, atol=5e-7)


@pytest.mark.parametrize("size", [(40, 40), (37, 50)])
def test_an_image_network_gives_what_its_definition_gives(size):
    tensors = networks.image_tensors()
    network = EfficientNetLite.from_tensors(tensors)
    assert tuple(block.depthwise.stride for block in network.blocks) == networks.BLOCK_STRIDES
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    vector = network.encode(pixels)
    assert vector.shape == (network.dimensions,) == (40,)
    assert vector.std() > 0.01
    np.testing.assert_allclose(vector, networks.plain_image_network(tensors, pixels), atol=1e-4)


@pytest.mark.parametrize("lacking", ["_conv_stem.weight", "_bn1.running_var", "_blocks.3._bn1.bias", "_blocks.5"])
def test_tensors_of_another_image_network_are_refused(lacking):
    tensors = {name: array for name, array in networks.image_tensors().items() if not name.startswith(lacking)}
    with pytest.raises(NotEfficientNetLite):
        EfficientNetLite.from_tensors(tensors)
    with pytest.raises(NotEfficientNetLite, match="squeeze"):
        EfficientNetLite.from_tensors({**tensors, "_blocks.0._se_reduce.weight": np.zeros(1, np.float32)})
