"""Central finite differences: the analytic gradient beside a numerical one.

What is varied is a parameter, a pixel (``I.a``), or a ``z`` or ``a`` with everything below it held
fixed. (C(v + h) − C(v − h)) / 2h is within h² of the derivative where C is smooth between; where a
winner changes, a ReLU passes 0 or a block of an L2 pool is (nearly) 0 within the step, the check
says so, since a difference means little there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import passes
from engine.errors import UnknownTensor, require_index
from engine.functions import Array
from engine.losses import CrossEntropy
from engine.network import Binding, Network
from engine.ops.activation import Activation
from engine.ops.pool import L2Pool, MaxPool

__all__ = ["STEP", "Check", "Kink", "check"]

#: The step h, times max(1, |v|), or times the distance to 0 or 1 of an output in a logarithm.
STEP = 1e-5
#: A block of an L2 pool that changes by more than this share of itself bends too much.
NEARLY = 1e-3


@dataclass(frozen=True)
class Kink:
    """Where C is not smooth within the step: the cell (without its sample) and the reason.

    ``reason`` is ``winner`` (a block's winner changes), ``relu`` (z passes 0) or ``l2`` (a block is
    all 0, or so nearly that the step changes it by more than :data:`NEARLY` of itself).
    """

    tensor: str
    index: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Check:
    """The two derivatives, their difference, the step h, and a kink or None."""

    analytic: float
    numeric: float
    difference: float
    step: float
    kink: Kink | None


def check(
    network: Network,
    parameters: Mapping[str, Array],
    images: Array,
    targets: Array,
    tensor: str,
    index: tuple[int, ...],
) -> Check:
    """The derivative of the summed cost of ``images`` (n, c, h, w) by one cell.

    For ``I.a``, ``z`` and ``a`` there must be one image. Raises UnknownTensor or UnknownIndex.
    """
    varied = variable(network, tensor)
    require_index(tensor, index, network.shapes[tensor])
    middle = passes.kept(network, parameters, images, targets)
    place = index if tensor in parameters else (0, *index)
    value = parameters[tensor][index] if tensor in parameters else middle[tensor][place]
    step = STEP * width(network, tensor, float(value))
    up, h_up = moved(network, parameters, middle, tensor, place, step)
    down, h_down = moved(network, parameters, middle, tensor, place, -step)
    costs = [cost_of(network, one, targets, tensor) for one in (up, down)]
    numeric = (costs[0] - costs[1]) / (h_up - h_down)
    analytic = float(middle[varied][place])
    kink = first_kink(network, [down, middle, up])
    return Check(analytic, numeric, abs(analytic - numeric), step, kink)


def variable(network: Network, tensor: str) -> str:
    """The gradient that belongs to a tensor that can be varied; raises UnknownTensor."""
    layer, _, name = tensor.partition(".")
    gradient = f"{layer}.{'delta' if name == 'z' else 'd' + name}"
    known = [one for one in network.shapes if one.endswith((".z", ".a", ".w", ".b"))]
    if tensor not in known:
        raise UnknownTensor(tensor, known)
    return gradient


def entropy_of_outputs(network: Network, tensor: str) -> CrossEntropy | None:
    """The cross-entropy, where what is varied is the outputs that it is taken of."""
    loss = network.loss
    at_the_top = tensor == network.bindings[-1].y
    return loss if at_the_top and isinstance(loss, CrossEntropy) else None


def width(network: Network, tensor: str, value: float) -> float:
    """How large a number is, for its step; an output stays between 0 and 1 where it must."""
    if entropy_of_outputs(network, tensor) is None:
        return max(1.0, abs(value))
    return min(value, 1.0 - value) or 1.0


def cost_of(network: Network, tensors: Mapping[str, Any], targets: Array, varied: str) -> float:
    """The summed cost; cross-entropy is computed from z but where the outputs are varied."""
    entropy, last = entropy_of_outputs(network, varied), network.bindings[-1]
    if entropy is None:
        return float(passes.cost(network, tensors, targets).sum())
    return float(entropy.cost_of_outputs(last.op, tensors[last.y], targets).sum())


def moved(
    network: Network,
    parameters: Mapping[str, Array],
    middle: Mapping[str, Any],
    tensor: str,
    place: tuple[int, ...],
    step: float,
) -> tuple[dict[str, NDArray[Any]], float]:
    """The forward pass with one cell moved by ``step``, and the value that the cell then has.

    ``place`` is the cell in a parameter, of the parameter's shape, or in a tensor of the images,
    (1, …), of which ``middle`` holds all; the tensors that come back have the same shapes.
    """
    source = parameters if tensor in parameters else middle
    array = source[tensor].copy()
    array[place] += step
    if tensor in parameters:
        changed = {**parameters, tensor: array}
        return passes.forward(network, changed, middle["I.a"]), float(array[place])
    tensors: dict[str, NDArray[Any]] = {**middle, tensor: array}
    above = False
    for binding in network.bindings:
        above = above or binding.x == tensor
        if above:
            passes.run_op(binding, parameters, tensors)
    return tensors, float(array[place])


def first_kink(network: Network, runs: Sequence[Mapping[str, Any]]) -> Kink | None:
    """The first cell at which C bends between the runs; None where all is smooth."""
    for binding in network.bindings:
        tensor, reason, bent = bends(binding, runs)
        if bent.any():
            cell = np.argwhere(bent)[0][1:]
            return Kink(tensor, tuple(int(i) for i in cell), reason)
    return None


def bends(
    binding: Binding, runs: Sequence[Mapping[str, Any]]
) -> tuple[str, str, NDArray[np.bool_]]:
    """Which cells of an operation bend C between the runs: their tensor, the reason, and where."""
    op, x, y = binding.op, binding.x, binding.y
    if isinstance(op, MaxPool):
        return y, "winner", differing([run[f"{binding.layer}.switch"] for run in runs])
    if isinstance(op, L2Pool):
        values = np.array([run[y] for run in runs])
        return y, "l2", np.ptp(values, axis=0) > NEARLY * values.min(axis=0)
    if isinstance(op, Activation) and op.name in ("relu", "leaky_relu"):
        return x, "relu", differing([np.sign(run[x]) for run in runs])
    return x, "", np.zeros(1, bool)


def differing(branches: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """Where the branches that the runs take are not all the same: all of one shape, (1, …)."""
    differs: NDArray[np.bool_] = np.any([one != branches[0] for one in branches[1:]], axis=0)
    return differs
