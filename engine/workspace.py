"""What the plan works in: parameters in one vector, and arrays that are there before they are used.

The names and shapes are those of :mod:`engine.plan`, which says why things are done so: k filters,
m places in a pooling block, B blocks on a map, C of them where each is there once, n images, u
outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.functions import Array
from engine.network import Network
from engine.patches import ALIGN, Patches, Patterns

__all__ = [
    "EPSILON",
    "NEAR",
    "Block",
    "Buffers",
    "Parameters",
    "Spelled",
    "Spread",
    "highest",
    "sigmoid",
    "slope",
    "spell",
]

#: Two weighted inputs of a block closer than this are left to the ordinary pass.
EPSILON: Final = np.array(1e-8)
#: Two outputs of a block closer than this are, where outputs are compared.
NEAR: Final = np.array(1e-10)
#: A number in an array of its own (as these are) is taken up faster than a number of Python's.
ONE: Final = np.array(1.0)
#: Maxima and minima along an axis, into an array.
highest: Final[Callable[..., Any]] = np.maximum.reduce
lowest: Final[Callable[..., Any]] = np.minimum.reduce


class Parameters:
    """One vector, and the layers in it: F (k, taps …), O (u, k·B + 1), bias last.

    F has the rows of a patch matrix as its columns and is filled up to a multiple of ALIGN
    rows with filters of zeros, which get no error and stay zero.
    """

    def __init__(self, network: Network, patches: Patches) -> None:
        shapes = network.parameter_shapes
        filters, taps = shapes["F.w"][0], patches.taps
        height, units = -(-filters // ALIGN) * ALIGN, network.outputs
        values = filters * patches.windows
        border = height * patches.rows
        self.vector = np.zeros(border + units * (values + 1))
        self.F = self.vector[:border].reshape(height, patches.rows)
        self.O = self.vector[border:].reshape(units, values + 1)
        self.down = self.O[:, :-1].T
        self.views: dict[str, Array] = {
            "F.w": self.F[:filters, :taps].reshape(shapes["F.w"]),
            "F.b": self.F[:filters, taps],
            "O.w": self.O[:, :-1].reshape(shapes["O.w"]),
            "O.b": self.O[:, -1],
        }
        self.fixed = self.F[:filters, taps + 1]

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over these numbers, by tensor id."""
        for name, view in self.views.items():
            view[...] = arrays[name]

    def copies(self) -> dict[str, Array]:
        """The parameters as arrays of their own, by tensor id."""
        return {name: view.copy() for name, view in self.views.items()}


@dataclass(slots=True, eq=False)
class Block:
    """Some images: which ones, their patches (rows, m·B·n), their targets (u, n).

    Where they are made of a few patterns, ``spelled`` computes those; where pooling blocks repeat,
    the patches hold each once, (rows, m·C), and ``spread`` says where each is.
    """

    samples: NDArray[np.int64] | slice
    patches: Array
    targets: Array
    buffers: Buffers
    spelled: Spelled | None = None
    spread: Spread | None = None


class Spread:
    """Where blocks occur: for each of the B·n which of the C it is, and the same for every map."""

    def __init__(self, places: NDArray[np.intp], filters: int, columns: int) -> None:
        self.places = places
        self.sums = (np.arange(filters)[:, None] * columns + places).reshape(-1)


class Spelled:
    """Patterns with what is computed of them: z and e^−z, both (k, patterns)."""

    def __init__(self, patterns: Patterns, theta: Parameters, filters: int) -> None:
        self.matrix, self.places = patterns.matrix, patterns.places
        self.full = np.empty((len(theta.F), self.matrix.shape[1]))
        self.z = self.full[:filters]
        self.e = np.empty(self.z.shape)


class Buffers:
    """What is computed of ``width`` images, each array with its name and shape.

    Pooling works on C ``columns``: all B·n blocks, or fewer where each is there once.
    """

    def __init__(
        self, theta: Parameters, filters: int, patches: Patches, width: int, columns: int
    ) -> None:
        height, blocks = len(theta.F), patches.windows * width
        units, values = theta.O.shape[0], theta.O.shape[1] - 1
        flat = height, patches.places * columns
        self.z = np.empty(flat)
        self.apart = self.z.reshape(height, patches.places, columns)[:filters]  # (k, m, C)
        self.cells = self.z[:filters]  # the same (k, m·C)
        self.top = np.empty((filters, columns))  # the maximum of each block
        self.maximum = self.top.reshape(filters, 1, columns)
        self.every = self.top.reshape(-1)
        self.floor = np.empty(self.maximum.shape)
        self.wins = np.empty(self.apart.shape, bool)
        self.e = np.empty(self.top.shape)  # e^−z of the sigmoid
        self.least = self.e.reshape(filters, 1, columns)
        self.a = np.ones((values + 1, width))
        self.a_turned = self.a.T
        self.pooled = self.a[:-1].reshape(filters, blocks)
        self.da = np.empty((values, width))
        whole = columns == blocks
        self.won = self.pooled if whole else np.empty(self.top.shape)  # (k, C)
        self.error = (
            self.da.reshape(filters, blocks) if whole else np.empty(self.top.shape)
        )  # (k, C)
        self.highest = self.won.reshape(filters, 1, columns)
        self.each, self.sums = self.da.reshape(-1), self.error.reshape(-1)
        self.passed = self.error.reshape(filters, 1, columns)
        self.delta = np.zeros(flat)
        self.placed = self.delta.reshape(height, patches.places, columns)[:filters]
        self.z_out, self.e_out = np.empty((units, width)), np.empty((units, width))
        self.y, self.delta_out = np.empty((units, width)), np.empty((units, width))
        self.flat_out = self.delta_out.reshape(-1)


def sigmoid(z: Array, e: Array, a: Array) -> None:
    """a = 1 / (1 + e^−z), keeping e = e^−z for :func:`slope`.

    z, e and a have one shape: (k, C) for what was pooled, (k, patterns), or (u, n) for the outputs.
    """
    np.negative(z, e)
    np.exp(e, e)
    np.add(e, ONE, a)
    np.reciprocal(a, a)


def slope(e: Array, a: Array, error: Array) -> None:
    """Multiply the error by a′ = e·a², which loses no digits where 1 − a would.

    e, a and the error have one shape, as in :func:`sigmoid`; the error is changed in place.
    """
    np.multiply(error, e, error)
    np.multiply(error, a, error)
    np.multiply(error, a, error)


def spell(theta: Parameters, buffers: Buffers, spelled: Spelled) -> bool:
    """The pooled outputs of sigmoids, ``won`` (k, C), by way of patterns.

    e^−z is what is spread, ``apart`` (k, m, C), and pooled, ``e`` (k, C), its least winning: it
    keeps its digits at both ends, where an output near 1 would leave none to the slope. ``wins``
    (k, m, C) is left in the buffers too. Gives whether every winner is clear.
    """
    theta.F.dot(spelled.matrix, spelled.full)
    np.negative(spelled.z, spelled.z)
    np.exp(spelled.z, spelled.e)
    spelled.e.take(spelled.places, 1, buffers.cells, "clip")
    lowest(buffers.apart, 1, None, buffers.e)
    np.add(buffers.e, ONE, buffers.won)
    np.reciprocal(buffers.won, buffers.won)
    np.multiply(buffers.highest, buffers.highest, buffers.floor)
    np.divide(NEAR, buffers.floor, buffers.floor)
    np.add(buffers.floor, buffers.least, buffers.floor)  # about e^−z of an output NEAR below
    np.less_equal(buffers.apart, buffers.floor, buffers.wins)
    return bool(np.count_nonzero(buffers.wins) == buffers.every.size)
