"""What learning starts from: its settings, the images, and the numbers that an update changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.functions import Array
from engine.network import Network
from engine.ops.conv import Conv
from engine.ops.pool import MaxPool
from engine.optimizers import GradientDescent, Optimizer
from engine.patches import Patches

__all__ = ["Examples", "Settings", "State"]


@dataclass(frozen=True)
class Settings:
    """How the network learns.

    ``batch`` is the number of images of an update, None for all. ``reduction`` is ``sum`` (the
    textbook's) or ``mean`` over the images of the update; costs and gradients follow it. ``seed``
    gives the order of the images where there are several batches.
    """

    optimizer: Optimizer = field(default_factory=GradientDescent)
    learning_rate: float = 0.2
    batch: int | None = None
    reduction: str = "sum"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Examples:
    """Images (n, channel, row, column), float64, and labels (n,), whole numbers from 0."""

    images: Array
    labels: NDArray[np.int64]
    _patches: dict[tuple[Conv, MaxPool], Patches] = field(
        default_factory=dict, init=False, repr=False
    )

    def targets(self, classes: int) -> Array:
        """One-hot targets, (n, classes); raises DataError for a label that is no class."""
        wrong = self.labels[(self.labels < 0) | (self.labels >= classes)]
        if wrong.size:
            raise DataError("labels", f"whole numbers from 0 to {classes - 1}", str(int(wrong[0])))
        return np.eye(classes)[self.labels]

    def patches(self, conv: Conv, pool: MaxPool) -> Patches:
        """The images laid out for the plan; done once, for all who learn from them."""
        if (conv, pool) not in self._patches:
            self._patches[conv, pool] = Patches(self.images, conv, pool)
        return self._patches[conv, pool]


@dataclass(frozen=True, eq=False)
class State:
    """Everything that an update changes: parameters by id, optimizer state by ``F.w.velocity``."""

    parameters: Mapping[str, Array]
    optimizer: Mapping[str, Array]

    def to_bytes(self) -> bytes:
        """All numbers as float64, parameters first, in the order of the network."""
        arrays = [*self.parameters.values(), *self.optimizer.values()]
        return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)

    @classmethod
    def from_bytes(cls, content: bytes, network: Network, optimizer: Optimizer) -> State:
        """The inverse of :meth:`to_bytes`; raises DataError for another number of bytes."""
        shapes = dict(network.parameter_shapes)
        states = {f"{n}.{s}": shape for n, shape in shapes.items() for s in optimizer.state}
        wanted = 8 * sum(map(prod, (shapes | states).values()))
        if len(content) != wanted:
            raise DataError("state", f"{wanted} bytes", str(len(content)))
        numbers, place = np.frombuffer(content), 0
        arrays: dict[str, Array] = {}
        for name, shape in (shapes | states).items():
            count = prod(shape)
            arrays[name] = numbers[place : place + count].reshape(shape).copy()
            place += count
        return cls({n: arrays[n] for n in shapes}, {n: arrays[n] for n in states})

    @classmethod
    def fresh(cls, parameters: Mapping[str, Array], optimizer: Optimizer) -> State:
        """These parameters, and an optimizer that has seen nothing."""
        states = {
            f"{name}.{state}": np.zeros(array.shape)
            for name, array in parameters.items()
            for state in optimizer.state
        }
        return cls(dict(parameters), states)
