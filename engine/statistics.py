"""How errors and gradients are spread, layer by layer: where they vanish, what is saturated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine import passes
from engine.functions import FUNCTIONS, Array
from engine.network import Network

__all__ = ["Histogram", "LayerStatistics", "layer_statistics"]

BINS: Final = 31
#: A neuron is saturated where its slope is less than this part of the largest it can have.
FLAT: Final = 0.04
#: Errors vanish where their root mean square is less than this part of the output's.
FAINT: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values lie between ``edges`` (BINS + 1,), symmetric about 0: ``counts`` (BINS,)."""

    edges: Array
    counts: Array


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """A layer with neurons: its δ of all images, the gradients of its weights, and its slopes.

    ``saturated`` is the share of neurons whose slope is almost 0, over all images; None for
    softmax, which has no slope of its own. ``vanishing`` says that δ is far smaller than at the
    output.
    """

    layer: str
    delta: Histogram
    gradient: Histogram
    saturated: float | None
    vanishing: bool


def layer_statistics(
    network: Network, parameters: Mapping[str, Array], images: Array, targets: Array
) -> list[LayerStatistics]:
    """Of every layer with weights, from the first, over images (n, c, rows, columns).

    ``targets`` is (n, u).
    """
    tensors = passes.kept(network, parameters, images, targets)
    last = size(tensors[network.bindings[-1].dx])
    found = []
    for binding in network.bindings:
        if not binding.parameters:
            continue
        layer = binding.layer
        delta, slope = tensors[binding.dy], tensors.get(f"{layer}.slope")
        found.append(
            LayerStatistics(
                layer,
                histogram(delta),
                histogram(tensors[f"{layer}.dw"]),
                None if slope is None else share_flat(slope, activation(network, layer)),
                size(delta) < FAINT * last,
            )
        )
    return found


def activation(network: Network, layer: str) -> str:
    """The name of a layer's activation."""
    ops = [one.op for one in network.bindings if one.layer == layer and not one.parameters]
    return str(getattr(ops[0], "name", ""))


def share_flat(slope: Array, name: str) -> float:
    """The share of slopes, of any shape, that are almost 0 beside the largest there can be."""
    steepest = float(FUNCTIONS[name].derivative(np.array([0.0, 1.0])).max())
    return float(np.mean(np.abs(slope) < FLAT * steepest))


def size(values: Array) -> float:
    """The root mean square of values of any shape."""
    return float(np.sqrt(np.mean(values * values)))


def histogram(values: Array) -> Histogram:
    """Counts of values of any shape in BINS equal bins from −m to m, m being the largest size."""
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    counts, edges = np.histogram(values, BINS, (-most, most))
    return Histogram(edges, counts)
