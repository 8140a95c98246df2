"""Noise that is a hash: a replay, another chunk size or another machine draws the same."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import for_each_chunk

_MASK = 0xFFFFFFFFFFFFFFFF


def _splitmix64(x: int) -> int:
    """Return the splitmix64 finaliser of an integer (Steele, Lea, Flood, OOPSLA 2014)."""
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def hash_to_64_bits(*integers: int) -> int:
    """Return one 64-bit key of several integers."""
    result = 0
    for integer in integers:
        result = _splitmix64(result ^ (integer & _MASK))
    return result


def log_exponential_noise(ids: NDArray[np.uint64], stream: int) -> NDArray[np.float32]:
    """Return the logarithm of a standard exponential variate per id; minus it is a Gumbel variate.

    The uniform below keeps its full relative precision near 0, where the winners are.
    """
    result = np.empty(len(ids), np.float32)
    for_each_chunk(len(ids), lambda part: _fill_log_exponential(ids[part], stream, result[part]))
    return result


def _fill_log_exponential(ids: NDArray[np.uint64], stream: int, uniform: NDArray[np.float32]) -> None:
    """Write the noise of the ids (n,) into `uniform` (n,), in place."""
    x = ids + np.uint64(stream)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    np.multiply(x, np.float32(2.0**-64), out=uniform, casting="same_kind")
    np.clip(uniform, np.float32(1e-30), np.float32(1 - 2.0**-24), out=uniform)
    np.negative(uniform, out=uniform)
    np.log1p(uniform, out=uniform)
    np.negative(uniform, out=uniform)
    np.log(uniform, out=uniform)
