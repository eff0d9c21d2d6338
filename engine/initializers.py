"""The first weights, drawn from a generator that is passed in.

Each takes a generator, a parameter's shape and its fans: how many values one of its units reads
(``fan_in``) and how many units read one of its values (``fan_out``). It gives an array of that
shape: (k, c, p, q), (u, k, i, j) or (u, m) for weights, (k,) or (u,) for biases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Final

import numpy as np

from engine.functions import Array

__all__ = ["INITIALIZERS", "Initializer"]

Initializer = Callable[[np.random.Generator, tuple[int, ...], int, int], Array]


def normal(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Standard normal numbers of ``shape``, as in the textbook; biases, too."""
    return rng.standard_normal(shape)


def xavier(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Normal numbers of ``shape`` with variance 2 / (fan_in + fan_out); biases, (k,) or (u,), 0.

    Source: Glorot and Bengio (2010).
    """
    if len(shape) == 1:
        return np.zeros(shape)
    return rng.standard_normal(shape) * sqrt(2.0 / (fan_in + fan_out))


def he(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Normal numbers of ``shape`` with variance 2 / fan_in; biases, (k,) or (u,), 0.

    Source: He et al. (2015).
    """
    if len(shape) == 1:
        return np.zeros(shape)
    return rng.standard_normal(shape) * sqrt(2.0 / fan_in)


def zeros(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """All of ``shape`` 0: every filter stays the same as every other, worth seeing once."""
    return np.zeros(shape)


#: Every scheme by its name on the wire.
INITIALIZERS: Final[Mapping[str, Initializer]] = {
    "normal": normal,
    "xavier": xavier,
    "he": he,
    "zeros": zeros,
}
