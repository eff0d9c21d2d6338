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

__all__ = ["backward", "cost", "forward", "gradients", "look"]

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
    tensors[binding.y] = outputs["y"]
    if "switch" in outputs:
        tensors[f"{binding.layer}.switch"] = outputs["switch"]


def look(network: Network, tensors: Tensors) -> None:
    """Add what is derived for looking, masks and slopes, to the tensors of a forward pass."""
    for binding in network.bindings:
        layer = binding.layer
        for name, array in binding.op.looked(
            tensors[binding.x], outputs_of(binding, tensors)
        ).items():
            tensors[f"{layer}.{name}"] = array


def outputs_of(binding: Binding, tensors: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """What an operation wrote, and what is there of it for looking, by role."""
    outputs = {"y": tensors[binding.y]}
    for name in ("switch", "mask", "slope"):
        found = tensors.get(f"{binding.layer}.{name}")
        if found is not None:
            outputs[name] = found
    return outputs


def cost(network: Network, tensors: Mapping[str, Array], targets: Array) -> Array:
    """The cost of each sample, (n,); ``targets`` is (n, u)."""
    last = network.bindings[-1]
    return network.loss.cost(last.op, tensors[last.x], tensors[last.y], targets)


def backward(
    network: Network, parameters: Mapping[str, Array], tensors: Mapping[str, Any], targets: Array
) -> Tensors:
    """Every tensor of the backward pass, in its order, down to the pixels (``I.da``)."""
    last = network.bindings[-1]
    written: Tensors = {
        last.dy: network.loss.error(last.op, tensors[last.x], tensors[last.y], targets)
    }
    for binding in reversed(network.bindings):
        written |= parameter_gradients(binding, parameters, tensors, written[binding.dy])
        written[binding.dx] = passed_down(network, binding, parameters, tensors, written, targets)
    return written


def gradients(
    network: Network, parameters: Mapping[str, Array], tensors: Mapping[str, Any], targets: Array
) -> dict[str, Array]:
    """The gradients of the parameters alone: as :func:`backward`, without what nobody reads."""
    last = network.bindings[-1]
    written: Tensors = {
        last.dy: network.loss.error(last.op, tensors[last.x], tensors[last.y], targets)
    }
    found: dict[str, Array] = {}
    lowest = next(b for b in network.bindings if b.parameters)
    for binding in reversed(network.bindings):
        found |= parameter_gradients(binding, parameters, tensors, written[binding.dy])
        if binding is lowest:
            break
        written[binding.dx] = passed_down(network, binding, parameters, tensors, written, targets)
    return found


def parameter_gradients(
    binding: Binding, parameters: Mapping[str, Array], tensors: Mapping[str, Any], dy: Array
) -> dict[str, Array]:
    """An operation's gradients by tensor id (``F.dw``, ``F.db``), or none."""
    if not binding.parameters:
        return {}
    found = binding.op.gradients(tensors[binding.x], role_parameters(binding, parameters), dy)
    return {f"{binding.layer}.{role}": array for role, array in found.items()}


def passed_down(
    network: Network,
    binding: Binding,
    parameters: Mapping[str, Array],
    tensors: Mapping[str, Any],
    written: Mapping[str, Array],
    targets: Array,
) -> Array:
    """The error below an operation; at the output the loss's closed form where it has one."""
    x, y = tensors[binding.x], tensors[binding.y]
    if binding is network.bindings[-1]:
        closed = network.loss.delta(binding.op, x, y, targets)
        if closed is not None:
            return closed
    return binding.op.backward(
        x,
        role_parameters(binding, parameters),
        outputs_of(binding, tensors),
        written[binding.dy],
    )
