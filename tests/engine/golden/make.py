"""Compute the golden tensors with PyTorch in float64.

Run once, by hand, from the top folder:

    python -m pip install torch && python -m tests.engine.golden.make

The numbers go to traces.npz beside this file: parameters, image, target, and every tensor of the
forward and backward pass, under names such as "textbook/tied/F.delta".
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine import Activation, Conv, CrossEntropy, Dense, L2Pool, MaxPool, Network, Softmax
from tests.engine.stacks import STACKS, grey, tied

GOLDEN = Path(__file__).with_name("traces.npz")
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "identity": torch.clone,
}


def run(op: Any, x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """What one operation makes of a batch of one."""
    match op:
        case Conv():
            return torch.nn.functional.conv2d(x, w, b, stride=op.stride, padding=op.padding)
        case Dense():
            return torch.nn.functional.linear(x.flatten(1), w.flatten(1), b)
        case Activation():
            return ACTIVATIONS[op.name](x)
        case Softmax():
            return torch.softmax(x, dim=1)
    return pooled(op, x)


def pooled(op: Any, x: torch.Tensor) -> torch.Tensor:
    """What a pool makes of a batch of one."""
    if isinstance(op, MaxPool):
        return torch.nn.functional.max_pool2d(x, op.size, op.stride)
    if isinstance(op, L2Pool):
        squares = torch.nn.functional.avg_pool2d(x * x, op.size, op.stride) * op.size**2
        return torch.where(squares > 0, torch.where(squares > 0, squares, 1.0).sqrt(), 0.0)
    return torch.nn.functional.avg_pool2d(x, op.size, op.stride)


def cost(network: Network, z: torch.Tensor, a: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The cost of one image."""
    if not isinstance(network.loss, CrossEntropy):
        return 0.5 * ((t - a) ** 2).sum()
    if isinstance(network.ops[-1], Softmax):
        return torch.nn.functional.cross_entropy(z, t, reduction="sum")
    return torch.nn.functional.binary_cross_entropy_with_logits(z, t, reduction="sum")


def traced(network: Network, parameters: Any, image: Any, target: Any) -> dict[str, Any]:
    """Every tensor of one image that PyTorch gives: values, and gradients of C."""
    leaves = {name: torch.tensor(v, requires_grad=True) for name, v in parameters.items()}
    t, nothing = torch.tensor(target)[None], torch.zeros(())
    tensors = {"I.a": torch.tensor(image)[None].requires_grad_()}
    for binding in network.bindings:
        w, b = (leaves.get(f"{binding.layer}.{role}", nothing) for role in "wb")
        tensors[binding.y] = run(binding.op, tensors[binding.x], w, b)
        tensors[binding.y].retain_grad()
    last = network.bindings[-1]
    total = cost(network, tensors[last.x], tensors[last.y], t)
    total.backward()
    found = {**parameters, "image": image, "t": target, "C": total.detach().numpy()}
    for name, value in tensors.items():
        layer, _, kind = name.partition(".")
        found[name] = value.detach().numpy()[0]
        if value.grad is not None:
            found[f"{layer}.{'delta' if kind == 'z' else 'da'}"] = value.grad.numpy()[0]
    for name, leaf in leaves.items():
        layer, _, kind = name.partition(".")
        found[f"{layer}.d{kind}"] = leaf.grad.numpy() if leaf.grad is not None else None
    return found


def main() -> None:
    """Write the golden tensors of every stack, on a grey and on a tied image."""
    arrays = {}
    for name, network in STACKS.items():
        for example in (grey, tied):
            found = traced(network, *example(network))
            for tensor, array in found.items():
                arrays[f"{name}/{example.__name__}/{tensor}"] = np.asarray(array)
    np.savez_compressed(GOLDEN, allow_pickle=False, **arrays)


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
