"""The operations that a network is built of; importing this package fills the registry."""

from engine.ops.activation import Activation
from engine.ops.base import REGISTRY, Bound, Op
from engine.ops.conv import Conv
from engine.ops.dense import Dense
from engine.ops.pool import AveragePool, L2Pool, MaxPool, Pool
from engine.ops.softmax import Softmax

__all__ = [
    "REGISTRY",
    "Activation",
    "AveragePool",
    "Bound",
    "Conv",
    "Dense",
    "L2Pool",
    "MaxPool",
    "Op",
    "Pool",
    "Softmax",
]
