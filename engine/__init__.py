"""The mathematics, usable alone from a notebook; NumPy and the standard library only.

>>> from engine import Conv, Activation, MaxPool, Dense, Network
>>> net = Network(
...     (1, 6, 6), [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()]
... )
>>> parameters = net.initial("normal", seed=0)
"""

from engine.gradcheck import check
from engine.losses import CrossEntropy, SquaredError
from engine.network import Layer, Network
from engine.ops import Activation, AveragePool, Conv, Dense, L2Pool, MaxPool, Softmax
from engine.optimizers import Adam, GradientDescent, Momentum
from engine.trace import Equation, Script, Step, trace
from engine.training import Batch, Examples, History, Settings, State

__all__ = [
    "Activation",
    "Adam",
    "AveragePool",
    "Batch",
    "Conv",
    "CrossEntropy",
    "Dense",
    "Equation",
    "Examples",
    "GradientDescent",
    "History",
    "L2Pool",
    "Layer",
    "MaxPool",
    "Momentum",
    "Network",
    "Script",
    "Settings",
    "Softmax",
    "SquaredError",
    "State",
    "Step",
    "check",
    "trace",
]
