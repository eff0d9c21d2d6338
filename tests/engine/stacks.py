"""The networks on which traces are compared: every kind, and the edges of shapes."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from engine import (
    Activation,
    AveragePool,
    Conv,
    CrossEntropy,
    Dense,
    L2Pool,
    MaxPool,
    Network,
    Softmax,
    SquaredError,
)
from engine.functions import Array

STACKS: Final[Mapping[str, Network]] = {
    "textbook": Network(
        (1, 6, 6), [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()]
    ),
    "average pooling, tanh": Network(
        (1, 6, 6),
        [Conv(2, 3), Activation("tanh"), AveragePool(2, 2), Dense(3), Activation("tanh")],
    ),
    "l2 pooling, relu, softmax": Network(
        (1, 6, 6),
        [Conv(2, 3), Activation("relu"), L2Pool(2, 2), Dense(3), Softmax()],
        CrossEntropy(),
    ),
    "relu, overlapping max, softmax, squared error": Network(
        (1, 6, 6),
        [Conv(3, 3), Activation("relu"), MaxPool(2, 1), Dense(3), Softmax()],
        SquaredError(),
    ),
    "two convolutions, channels, stride, padding, leftovers": Network(
        (2, 9, 8),
        [
            *(Conv(3, 3, stride=2, padding=1), Activation("leaky_relu"), MaxPool(2, 1)),
            *(Conv(2, 2, padding=1), Activation("sigmoid"), AveragePool(2, 2)),
            *(Dense(2), Activation("sigmoid")),
        ],
        CrossEntropy(),
    ),
    "hidden layers": Network(
        (1, 4, 4),
        [
            *(Conv(2, 2), Activation("identity"), MaxPool(2, 2)),
            *(Dense(4), Activation("tanh"), Dense(3), Activation("relu")),
            *(Dense(2), Activation("identity")),
        ],
    ),
    "dense alone, a single unit": Network((1, 3, 3), [Dense(1), Activation()]),
    "gaps, one cell": Network(
        (1, 5, 5),
        [
            *(MaxPool(1, 2), Conv(1, 1, stride=2), Activation("leaky_relu"), L2Pool(2, 3)),
            *(Dense(2), Softmax()),
        ],
        CrossEntropy(),
    ),
}

Example = tuple[dict[str, Array], Array, Array]


def grey(network: Network, seed: int = 0) -> Example:
    """Parameters, a grey image and a one-hot target: no ties but those that the network makes."""
    rng = np.random.default_rng(seed)
    parameters = {
        name: rng.standard_normal(shape) * 0.6 for name, shape in network.parameter_shapes.items()
    }
    return parameters, rng.random(network.input_shape), one_hot(network, rng)


def tied(network: Network, seed: int = 0) -> Example:
    """The same with a binary image of many equal patches.

    The parameters are multiples of 1/64, so that the first weighted inputs are exact in whatever
    order they are added up, and every library sees the same ties.
    """
    rng = np.random.default_rng(seed)
    parameters = {
        name: np.round(rng.standard_normal(shape) * 40) / 64
        for name, shape in network.parameter_shapes.items()
    }
    image = np.zeros(network.input_shape)
    image[:, : image.shape[1] // 2, 1:3] = 1.0
    return parameters, image, one_hot(network, rng)


def one_hot(network: Network, rng: np.random.Generator) -> Array:
    """The target of a random class."""
    target: Array = np.eye(network.outputs)[rng.integers(network.outputs)]
    return target
