"""What is measured: networks, images and weights that every side is given alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from engine.datasets import load
from engine.functions import Array
from engine.network import Network
from engine.ops import Activation, Conv, Dense, MaxPool
from engine.training import Examples, Settings

__all__ = ["WORKLOADS", "Workload", "textbook"]


@dataclass(frozen=True)
class Workload:
    """A network with everything that its descent depends on.

    ``updates`` is how many updates are timed together. The images of an update follow one another,
    ``settings.batch`` at a time and round and round.
    """

    name: str
    about: str
    network: Network
    examples: Examples
    settings: Settings
    parameters: Mapping[str, Array]
    updates: int

    @property
    def batch(self) -> int:
        """The images of one update."""
        return self.settings.batch or len(self.examples.labels)

    @property
    def conv(self) -> Conv:
        """The filter layer."""
        return cast("Conv", self.network.ops[0])

    @cached_property
    def batches(self) -> list[np.ndarray]:
        """The images of one update after the other, each (m,), until they begin again."""
        everything = np.arange(len(self.examples.labels))
        return np.split(everything, len(everything) // self.batch)

    def order(self, iteration: int) -> np.ndarray:
        """The images of an update, (m,)."""
        return self.batches[iteration % len(self.batches)]


def stack(side: int, filters: int, size: int, units: int) -> Network:
    """A convolution with sigmoids, 2×2 max pooling, sigmoid outputs, squared error."""
    layers = [Conv(filters, size), Activation(), MaxPool(2, 2), Dense(units), Activation()]
    return Network((1, side, side), layers)


def textbook(batch: int | None = None, copies: int = 1, updates: int = 50) -> Workload:
    """The textbook network on its 96 images, or on so many copies of them.

    In each copy but the first a tenth of the pixels are flipped, so that no two are equal.
    """
    data, network = load("digits-123-6x6"), stack(6, 3, 3, 3)
    images = np.tile(data.images, (copies, 1, 1, 1))
    flipped = np.random.default_rng(copies).random(images.shape) < 0.1
    flipped[: len(data.images)] = False
    images = np.where(flipped, 1.0 - images, images)
    return Workload(
        "(a)" if batch is None else "(b)",
        "textbook network, 96 images, full batch"
        if batch is None
        else "textbook network, one image online",
        network,
        Examples(images, np.tile(data.labels, copies)),
        Settings(learning_rate=0.02, batch=batch),
        network.initial("normal", 1),
        updates,
    )


def large() -> Workload:
    """28×28 images of drawn digits."""
    data, network = load("glyphs-28x28"), stack(28, 8, 5, 10)
    return Workload(
        "(c)",
        "28×28, 8 filters 5×5, pool 2×2, 10 outputs, batch 256",
        network,
        Examples(data.images[:256].copy(), data.labels[:256].astype(np.int64)),
        Settings(learning_rate=0.0005),
        network.initial("xavier", 1),
        1,
    )


WORKLOADS = {"a": textbook, "b": lambda: textbook(batch=1, updates=100), "c": large}
