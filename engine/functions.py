"""The activations: value, derivative, symbol.

Each is given by two kernels over arrays of any shape. The sigmoid and its derivative are written
with exp(−|z|), which never overflows and keeps every digit of a saturated neuron's slope.

Source: the conventions ReLU′(0) = 0 and leaky ReLU′(0) = 0.01 are those of PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLAT", "FUNCTIONS", "LEAK", "SCALARS", "Array", "Function", "write_function"]

Array = NDArray[np.float64]

#: The slope of leaky ReLU where z ≤ 0.
LEAK: Final = 0.01

#: A neuron is saturated where its slope is less than this part of the activation's steepest.
FLAT: Final = 0.04

#: Numbers in arrays of their own are taken up faster than numbers of Python's.
ONE: Final = np.array(1.0)
NEGATIVE: Final = np.array(-1.0)


@dataclass(frozen=True)
class Function:
    """An activation a(z): its value and its derivative a′(z), both elementwise.

    ``increasing`` says that it is strictly increasing, so that pooling may come before it;
    ``shared`` gives both at once where they have steps in common; ``steepest`` is the largest slope
    of one that can saturate, None for one whose slope is nowhere almost 0.
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    increasing: bool
    shared: Callable[[Array], tuple[Array, Array]] | None = None
    steepest: float | None = None

    @property
    def flat(self) -> float | None:
        """Below this slope a neuron is saturated; None where none can be."""
        return None if self.steepest is None else FLAT * self.steepest

    def both(self, z: Array) -> tuple[Array, Array]:
        """The value and the derivative, with the bits that each has by itself."""
        return self.shared(z) if self.shared else (self.value(z), self.derivative(z))


def sigmoid_and_prime(z: Array) -> tuple[Array, Array]:
    """1 / (1 + e^−z) and σ(z) σ(−z), which equals a (1 − a); equal z give equal bits."""
    e = np.exp(np.copysign(z, NEGATIVE))
    below = ONE + e
    return np.where(z >= 0, ONE, e) / below, e / (below * below)


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^−z), z of any shape."""
    e = np.exp(np.copysign(z, NEGATIVE))
    a: Array = np.where(z >= 0, ONE, e) / (ONE + e)
    return a


def sigmoid_prime(z: Array) -> Array:
    """σ(z) σ(−z), which equals a (1 − a)."""
    return sigmoid_and_prime(z)[1]


def tanh_prime(z: Array) -> Array:
    """4σ(2z)σ(−2z), which equals 1 − tanh² z without cancellation."""
    return 4.0 * sigmoid_prime(2.0 * z)


def relu(z: Array) -> Array:
    """The larger of z and 0."""
    return np.maximum(z, 0.0)


def relu_prime(z: Array) -> Array:
    """1 where z > 0, else 0."""
    return (z > 0).astype(np.float64)


def leaky_relu(z: Array) -> Array:
    """z where z > 0, else z/100."""
    return np.where(z > 0, z, LEAK * z)


def leaky_relu_prime(z: Array) -> Array:
    """1 where z > 0, else 1/100."""
    return np.where(z > 0, 1.0, LEAK)


def softplus(z: Array) -> Array:
    """ln(1 + e^z), without overflow."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


#: Every activation of one number, by its name.
FUNCTIONS: Final[Mapping[str, Function]] = {
    function.name: function
    for function in (
        Function(
            "sigmoid",
            sigmoid,
            sigmoid_prime,
            increasing=True,
            shared=sigmoid_and_prime,
            steepest=0.25,
        ),
        Function("tanh", np.tanh, tanh_prime, increasing=True, steepest=1.0),
        Function("relu", relu, relu_prime, increasing=False, steepest=1.0),
        Function("leaky_relu", leaky_relu, leaky_relu_prime, increasing=True),
        Function("identity", np.copy, np.ones_like, increasing=True),
    )
}


def scalar(kernel: Callable[[Array], Array]) -> Callable[..., float]:
    """A kernel for one plain number."""
    return lambda z: float(kernel(np.float64(z)))  # type: ignore[arg-type]


def logsumexp(*z: float) -> float:
    """ln Σ e^z, without overflow."""
    top = max(z)
    return top + math.log(math.fsum(math.exp(one - top) for one in z))


#: Every function that a formula may apply, for plain numbers, by its name on the wire.
SCALARS: Final[Mapping[str, Callable[..., float]]] = {
    **{name: scalar(function.value) for name, function in FUNCTIONS.items()},
    **{f"{name}_prime": scalar(function.derivative) for name, function in FUNCTIONS.items()},
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "softplus": scalar(softplus),
    "logsumexp": logsumexp,
}


def write_function(name: str, inside: str) -> str:
    """A function applied, as TeX: an activation is written a(z), its derivative a′(z)."""
    if name in FUNCTIONS:
        return f"a({inside})"
    if name.endswith("_prime"):
        return f"a'({inside})"
    if name == "exp":
        return f"e^{{{inside}}}"
    if name == "sqrt":
        return rf"\sqrt{{{inside}}}"
    head = {"log": r"\ln", "softplus": r"\operatorname{softplus}"}.get(
        name, rf"\operatorname{{{name}}}"
    )
    return rf"{head}\left({inside}\right)"
