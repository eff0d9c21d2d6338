"""How errors and gradients are spread, layer by layer: where they vanish, what is saturated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine import passes
from engine.functions import Array
from engine.network import Network
from engine.ops.activation import Activation

__all__ = ["Histogram", "LayerStatistics", "flat_slopes", "layer_statistics"]

BINS: Final = 31
#: Errors vanish where their root mean square is less than this part of the output's.
FAINT: Final = 1e-3
#: A unit, over all images, is saturated where it is so on this part of them.
MOSTLY: Final = 0.9


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values lie between ``edges`` (BINS + 1,), symmetric about 0: ``counts`` (BINS,)."""

    edges: Array
    counts: Array


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """A layer with neurons: its δ of all images, the gradients of its weights, and its slopes.

    ``saturated`` is the share of neurons whose slope is almost 0, over all images; None where there
    is no slope that could be: softmax has none of its own, that of leaky ReLU is never so small.
    ``vanishing`` says that δ is far smaller than at the output. ``saturated_units`` and
    ``vanishing_units`` are the indices, (count, axes), of the neurons that are so on almost all
    images, or over all of them; ``shape`` is that of the layer.
    """

    layer: str
    delta: Histogram
    gradient: Histogram
    saturated: float | None
    vanishing: bool
    shape: tuple[int, ...]
    saturated_units: NDArray[np.int64]
    vanishing_units: NDArray[np.int64]


def flat_slopes(network: Network) -> dict[str, float]:
    """The slope below which a neuron is saturated, by layer; without layers where none can be."""
    found = {
        binding.layer: binding.op.function.flat
        for binding in network.bindings
        if isinstance(binding.op, Activation)
    }
    return {layer: flat for layer, flat in found.items() if flat is not None}


def layer_statistics(
    network: Network,
    parameters: Mapping[str, Array],
    images: Array,
    targets: Array,
    gradients: Mapping[str, Array],
    scale: float = 1.0,
) -> list[LayerStatistics]:
    """Of every layer with weights, from the first, over images (n, c, rows, columns).

    ``targets`` is (n, u). ``gradients`` are those of the whole update, by id (``F.dw``); ``scale``
    is an image's part in it: 1 for a sum over images, 1/n for a mean of n.
    """
    tensors = passes.kept(network, parameters, images, targets)
    last = size(tensors[network.bindings[-1].dx])
    flats = flat_slopes(network)
    found = []
    for binding in network.bindings:
        if not binding.parameters:
            continue
        layer = binding.layer
        delta, flat = tensors[binding.dy], flats.get(layer)
        is_flat = np.zeros(delta.shape, bool)
        if flat is not None:
            is_flat = tensors[f"{layer}.slope"] < flat
        found.append(
            LayerStatistics(
                layer,
                histogram(scale * delta),
                histogram(gradients[f"{layer}.dw"]),
                None if flat is None else float(is_flat.mean()),
                size(delta) < FAINT * last,
                delta.shape[1:],
                np.argwhere(is_flat.mean(axis=0) >= MOSTLY),
                np.argwhere(np.sqrt((delta * delta).mean(axis=0)) < FAINT * last),
            )
        )
    return found


def size(values: Array) -> float:
    """The root mean square of values of any shape."""
    return float(np.sqrt(np.mean(values * values)))


def histogram(values: Array) -> Histogram:
    """Counts of values of any shape in BINS equal bins from −m to m, m being the largest size."""
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    counts, edges = np.histogram(values, BINS, (-most, most))
    return Histogram(edges, counts)
