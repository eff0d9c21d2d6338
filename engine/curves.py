"""Numbers along a line: the cost as a function of one parameter, an activation as one of z.

A tangent means something to a reader only beside the curve that it touches; both come from the same
kernels that learning uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine import passes
from engine.errors import UnknownTensor, require_index
from engine.functions import Array
from engine.network import Network
from engine.ops.activation import Activation

__all__ = ["ActivationCurve", "CostCurve", "activation_curve", "cost_curve"]

#: The activation's curve reaches at least this far to both sides of 0.
REACH = 6.0


@dataclass(frozen=True, eq=False)
class CostCurve:
    """C along one cell of a parameter: ``C`` and its slope at ``value``, ``costs`` at ``values``.

    ``values`` and ``costs`` are (n,).
    """

    value: float
    C: float
    slope: float
    values: Array
    costs: Array


@dataclass(frozen=True, eq=False)
class ActivationCurve:
    """An activation's name, and a(z) and a′(z) at z, each (n,).

    ``flat`` is the slope below which a neuron is saturated, None where none can be.
    """

    function: str
    flat: float | None
    z: Array
    a: Array
    slope: Array


def cost_curve(
    network: Network,
    parameters: Mapping[str, Array],
    images: Array,
    targets: Array,
    tensor: str,
    index: tuple[int, ...],
    *,
    span: float,
    points: int,
) -> CostCurve:
    """The summed cost of ``images`` (n, c, h, w) along one cell, ``span`` to both sides of it.

    ``slope`` is ∂C/∂w by back-propagation. Raises UnknownTensor for what is no parameter, and
    UnknownIndex.
    """
    if tensor not in parameters:
        raise UnknownTensor(tensor, list(parameters))
    old = parameters[tensor]
    require_index(tensor, index, old.shape)
    here = passes.forward(network, parameters, images)
    layer, _, name = tensor.partition(".")
    gradient = passes.gradients(network, parameters, here, targets)[f"{layer}.d{name}"]
    value = float(old[index])
    values = np.linspace(value - span, value + span, points)

    def cost(at: float) -> float:
        moved = old.copy()
        moved[index] = at
        changed = {**parameters, tensor: moved}
        return float(passes.cost(network, passes.forward(network, changed, images), targets).sum())

    costs = np.array([cost(float(at)) for at in values])
    there = float(passes.cost(network, here, targets).sum())
    return CostCurve(value, there, float(gradient[index]), values, costs)


def activation_curve(
    network: Network, layer: str, reach: float, points: int
) -> ActivationCurve | None:
    """The activation of a layer from −``reach`` to ``reach``, at least ±:data:`REACH`.

    None for a layer whose outputs are not each a function of one z (pooling, softmax).
    """
    found = next(
        (
            binding.op
            for binding in network.bindings
            if binding.layer == layer and isinstance(binding.op, Activation)
        ),
        None,
    )
    if found is None:
        return None
    widest = max(REACH, reach)
    z = np.linspace(-widest, widest, points)
    function = found.function
    return ActivationCurve(found.name, function.flat, z, function.value(z), function.derivative(z))
