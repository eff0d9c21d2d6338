"""Forward and backward: the one place that calls kernels in order.

All tensors here have the samples as their leading axis n, except parameters and their gradients,
which are added up over the samples. Ids are those of the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from engine.functions import Array
from engine.network import Binding, Network

__all__ = ["cost", "forward", "gradients", "kept"]

Tensors = dict[str, NDArray[Any]]


def role_parameters(binding: Binding, parameters: Mapping[str, Array]) -> dict[str, Array]:
    """An operation's parameters by role."""
    if not binding.parameters:
        return {}
    return {role: parameters[tensor] for role, tensor in binding.parameters.items()}


def forward(network: Network, parameters: Mapping[str, Array], images: Array) -> Tensors:
    """Every tensor of the forward pass; ``images`` is (n, channel, row, column)."""
    tensors: Tensors = {"I.a": images}
    for binding in network.bindings:
        run_op(binding, parameters, tensors)
    return tensors


def run_op(binding: Binding, parameters: Mapping[str, Array], tensors: Tensors) -> None:
    """Run one operation forward, from the tensors that are there into those that it writes."""
    outputs = binding.op.forward(tensors[binding.x], role_parameters(binding, parameters))
    for name, array in outputs.items():
        tensors[binding.ids[name]] = array


def cost(network: Network, tensors: Mapping[str, Array], targets: Array) -> Array:
    """The cost of each sample, (n,); ``targets`` is (n, u)."""
    last = network.bindings[-1]
    return network.loss.cost(last.op, tensors[last.x], tensors[last.y], targets)


def kept(
    network: Network, parameters: Mapping[str, Array], images: Array, targets: Array
) -> Tensors:
    """Both passes with everything kept, down to the pixels' gradients (``I.da``), in their order.

    C is (n,); masks and slopes, which are derived for looking, are there too.
    """
    tensors: Tensors = {"I.a": images}
    done: list[tuple[Binding, Array, dict[str, Array], dict[str, NDArray[Any]]]] = []
    for binding in network.bindings:
        x, given = tensors[binding.x], role_parameters(binding, parameters)
        outputs = binding.op.kept(x, given)
        for name, array in outputs.items():
            tensors[binding.ids[name]] = array
        done.append((binding, x, given, outputs))
    tensors["C"] = cost(network, tensors, targets)
    tensors[binding.dy] = error(network, tensors, targets)
    closed = network.loss.delta(binding.op, x, outputs["y"], targets)
    for binding, x, given, outputs in reversed(done):
        dy = tensors[binding.dy]
        if given:
            for role, array in binding.op.gradients(x, given, dy).items():
                tensors[binding.ids[role]] = array
        if closed is None or binding is not network.bindings[-1]:
            tensors[binding.dx] = binding.op.backward(x, given, outputs, dy)
        else:
            tensors[binding.dx] = closed
    return tensors


def error(network: Network, tensors: Mapping[str, Array], targets: Array) -> Array:
    """∂C/∂a of the output, (n, u)."""
    last = network.bindings[-1]
    return network.loss.error(last.op, tensors[last.x], tensors[last.y], targets)


def gradients(
    network: Network, parameters: Mapping[str, Array], tensors: Mapping[str, Any], targets: Array
) -> dict[str, Array]:
    """The gradients of the parameters alone, without what nobody reads."""
    last = network.bindings[-1]
    dy = error(network, tensors, targets)
    found: dict[str, Array] = {}
    lowest = next(b for b in network.bindings if b.parameters)
    for binding in reversed(network.bindings):
        op, x, y = binding.op, tensors[binding.x], tensors[binding.y]
        given = role_parameters(binding, parameters)
        for role, array in op.gradients(x, given, dy).items():
            found[binding.ids[role]] = array
        if binding is lowest:
            break
        closed = network.loss.delta(op, x, y, targets) if binding is last else None
        outputs = {"y": y}
        if (switch := tensors.get(binding.ids["switch"])) is not None:
            outputs["switch"] = switch
        dy = closed if closed is not None else op.backward(x, given, outputs, dy)
    return found
