"""The same networks once more, differentiated by HIPS autograd: what a trace must equal.

Nothing here is the engine's but the network's description and its names. Each tensor X of the
backward pass is the derivative of the network's tail, from X up to the cost. autograd's own `max`
would divide a tie, so a pool gathers the cell that argmax finds, the first row by row. The taps of
a convolution are added in a fixed order, so that equal patches are equal here, too.
"""

from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import elementwise_grad, grad

from engine import Activation, Conv, CrossEntropy, Dense, L2Pool, MaxPool, Network, Softmax
from engine.network import Binding
from engine.ops import Pool

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1.0 / (1.0 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "identity": lambda z: 1.0 * z,
}


def convolved(op: Conv, x: Any, w: Any, b: Any) -> Any:
    """The maps (k, i, j) of an image (c, row, column)."""
    edge = op.padding
    x = anp.pad(x, ((0, 0), (edge, edge), (edge, edge)), "constant")
    rows = (x.shape[1] - op.size) // op.stride + 1
    columns = (x.shape[2] - op.size) // op.stride + 1
    y = anp.tile(b[:, None, None], (1, rows, columns))
    for c in range(x.shape[0]):
        for p in range(op.size):
            for q in range(op.size):
                down = slice(p, p + op.stride * (rows - 1) + 1, op.stride)
                right = slice(q, q + op.stride * (columns - 1) + 1, op.stride)
                y = y + w[:, c, p, q][:, None, None] * x[c, down, right][None]
    return y


def blocks(op: Pool, x: Any) -> Any:
    """The cells of each block, (k, i, j, m), gathered one by one."""
    rows = (x.shape[1] - op.size) // op.stride + 1
    columns = (x.shape[2] - op.size) // op.stride + 1
    i, j, p, q = np.meshgrid(
        np.arange(rows), np.arange(columns), np.arange(op.size), np.arange(op.size), indexing="ij"
    )
    gathered = x[:, op.stride * i + p, op.stride * j + q]
    return anp.reshape(gathered, (x.shape[0], rows, columns, op.size * op.size))


def winners(op: MaxPool, x: Any) -> Any:
    """The first cell of each block that is its largest, (k, i, j)."""
    return np.argmax(np.asarray(blocks(op, x)), axis=-1)


def pooled(op: Pool, x: Any) -> Any:
    """The pool's maps."""
    cells = blocks(op, x)
    if isinstance(op, MaxPool):
        won = anp.argmax(cells, axis=-1)
        k, i, j = np.meshgrid(*map(np.arange, won.shape), indexing="ij")
        return cells[k, i, j, won]
    if isinstance(op, L2Pool):
        squares = anp.sum(cells * cells, axis=-1)
        empty = squares == 0
        return anp.where(empty, 0.0, anp.sqrt(anp.where(empty, 1.0, squares)))
    return anp.sum(cells, axis=-1) / cells.shape[-1]


def run(binding: Binding, x: Any, parameters: Mapping[str, Any]) -> Any:
    """What one operation makes of ``x``."""
    op = binding.op
    if isinstance(op, Activation):
        return ACTIVATIONS[op.name](x)
    if isinstance(op, Softmax):
        powers = anp.exp(x)
        return powers / anp.sum(powers)
    if isinstance(op, Pool):
        return pooled(op, x)
    w, b = (parameters[binding.parameters[role]] for role in "wb")
    if isinstance(op, Conv):
        return convolved(op, x, w, b)
    assert isinstance(op, Dense)
    return anp.dot(anp.reshape(w, (op.units, -1)), anp.reshape(x, (-1,))) + b


def cost(network: Network, a: Any, t: Any) -> Any:
    """The cost of outputs ``a`` where ``t`` was wanted."""
    if not isinstance(network.loss, CrossEntropy):
        return 0.5 * anp.sum((t - a) ** 2)
    if isinstance(network.ops[-1], Softmax):
        return -anp.sum(t * anp.log(a))
    return -anp.sum(t * anp.log(a) + (1.0 - t) * anp.log1p(-a))


def cost_from(
    network: Network, tensor: str, value: Any, parameters: Mapping[str, Any], target: Any
) -> Any:
    """The tail of the network: the cost as a function of one tensor of the forward pass."""
    above = False
    for binding in network.bindings:
        above = above or binding.x == tensor
        if above:
            value = run(binding, value, parameters)
    return cost(network, value, target)


def reference(
    network: Network, parameters: Mapping[str, Any], image: Any, target: Any
) -> dict[str, Any]:
    """Every tensor of a trace."""
    tensors: dict[str, Any] = {**parameters, "I.a": image, "t": target}
    for binding in network.bindings:
        tensors[binding.y] = run(binding, tensors[binding.x], parameters)
        tensors |= looked_at(binding, tensors[binding.x])
    tensors["C"] = cost(network, tensors[network.bindings[-1].y], target)
    for name in ["I.a", *(binding.y for binding in network.bindings)]:
        layer, _, kind = name.partition(".")
        gradient = f"{layer}.{'delta' if kind == 'z' else 'da'}"
        tensors[gradient] = grad(lambda v, n=name: cost_from(network, n, v, parameters, target))(
            tensors[name]
        )
    for name in parameters:
        layer, _, kind = name.partition(".")

        def of_parameter(value: Any, name: str = name) -> Any:
            return cost_from(network, "I.a", image, {**parameters, name: value}, target)

        tensors[f"{layer}.d{kind}"] = grad(of_parameter)(parameters[name])
    return tensors


def looked_at(binding: Binding, x: Any) -> dict[str, Any]:
    """The switch, mask and slope of an operation, where it has them."""
    op, found = binding.op, {}
    if isinstance(op, MaxPool):
        found[f"{binding.layer}.switch"] = winners(op, x)
    if isinstance(op, Pool) and op.stride >= op.size:
        found[f"{binding.layer}.mask"] = grad(lambda x: anp.sum(pooled(op, x)))(x)
    if isinstance(op, Activation):
        found[f"{binding.layer}.slope"] = elementwise_grad(ACTIVATIONS[op.name])(x)
    return found
