"""How errors and gradients are spread over the layers."""

import numpy as np

from engine import passes
from engine.losses import CrossEntropy
from engine.network import Network
from engine.ops import Activation, Conv, Dense, MaxPool, Softmax
from engine.ops.base import Op
from engine.statistics import layer_statistics

NETWORK = Network((1, 6, 6), [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()])
IMAGES = (np.random.default_rng(0).random((7, 1, 6, 6)) < 0.4).astype(float)
TARGETS = np.eye(3)[[0, 1, 2, 0, 1, 2, 0]]


def test_counts_every_value() -> None:
    """Each histogram holds all values of its tensor, between edges symmetric about 0."""
    parameters = NETWORK.initial("normal", 0)
    first, last = layer_statistics(NETWORK, parameters, IMAGES, TARGETS)
    assert (first.layer, last.layer) == ("F", "O")
    assert first.delta.counts.sum() == 7 * 3 * 4 * 4
    assert first.gradient.counts.sum() == 27
    assert last.delta.counts.sum() == 7 * 3
    tensors = passes.kept(NETWORK, parameters, IMAGES, TARGETS)
    assert first.delta.edges[-1] == np.abs(tensors["F.delta"]).max() == -first.delta.edges[0]
    middle = np.count_nonzero(np.abs(tensors["F.delta"]) < first.delta.edges[16])
    assert first.delta.counts[15] == middle


def test_marks_saturated_neurons() -> None:
    """With biases of 20 every sigmoid is flat; with zeros for weights none is."""
    parameters = NETWORK.initial("zeros", 0)
    assert layer_statistics(NETWORK, parameters, IMAGES, TARGETS)[0].saturated == 0.0
    parameters["F.b"] = np.full(3, 20.0)
    assert layer_statistics(NETWORK, parameters, IMAGES, TARGETS)[0].saturated == 1.0


def test_marks_vanishing_errors() -> None:
    """Where the output hardly listens to the filters, their errors are a thousandth."""
    parameters = NETWORK.initial("normal", 0)
    assert [one.vanishing for one in layer_statistics(NETWORK, parameters, IMAGES, TARGETS)] == [
        False,
        False,
    ]
    parameters["O.w"] *= 1e-5
    first, last = layer_statistics(NETWORK, parameters, IMAGES, TARGETS)
    assert first.vanishing
    assert not last.vanishing


def test_softmax_has_no_slope() -> None:
    """A softmax output is neither saturated nor not."""
    layers: list[Op] = [Conv(2, 3), Activation("relu"), Dense(3), Softmax()]
    network = Network((1, 6, 6), layers, CrossEntropy())
    found = layer_statistics(network, network.initial("he", 0), IMAGES, TARGETS)
    assert found[1].saturated is None
    assert found[0].saturated is not None
