"""How errors and gradients are spread over the layers."""

from collections.abc import Mapping

import numpy as np
import pytest

from engine import passes
from engine.functions import FUNCTIONS, Array
from engine.losses import CrossEntropy
from engine.network import Network
from engine.ops import Activation, Conv, Dense, MaxPool, Softmax
from engine.ops.base import Op
from engine.statistics import LayerStatistics, flat_slopes, layer_statistics

NETWORK = Network((1, 6, 6), [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()])
IMAGES = (np.random.default_rng(0).random((7, 1, 6, 6)) < 0.4).astype(float)
TARGETS = np.eye(3)[[0, 1, 2, 0, 1, 2, 0]]


def looked(network: Network, parameters: Mapping[str, Array]) -> list[LayerStatistics]:
    """The statistics of an update over all images, whose gradients are summed."""
    tensors = passes.kept(network, parameters, IMAGES, TARGETS)
    return layer_statistics(network, parameters, IMAGES, TARGETS, tensors)


def test_counts_every_value() -> None:
    """Each histogram holds all values of its tensor, between edges symmetric about 0."""
    parameters = NETWORK.initial("normal", 0)
    first, last = looked(NETWORK, parameters)
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
    assert looked(NETWORK, parameters)[0].saturated == 0.0
    parameters["F.b"] = np.full(3, 20.0)
    assert looked(NETWORK, parameters)[0].saturated == 1.0


def test_marks_vanishing_errors() -> None:
    """Where the output hardly listens to the filters, their errors are a thousandth."""
    parameters = NETWORK.initial("normal", 0)
    assert [one.vanishing for one in looked(NETWORK, parameters)] == [
        False,
        False,
    ]
    parameters["O.w"] *= 1e-5
    first, last = looked(NETWORK, parameters)
    assert first.vanishing
    assert not last.vanishing


def test_softmax_has_no_slope() -> None:
    """A softmax output is neither saturated nor not."""
    layers: list[Op] = [Conv(2, 3), Activation("relu"), Dense(3), Softmax()]
    network = Network((1, 6, 6), layers, CrossEntropy())
    found = looked(network, network.initial("he", 0))
    assert found[1].saturated is None
    assert found[0].saturated is not None


def test_names_the_units_that_are_saturated_or_vanish() -> None:
    """One filter far out is saturated at all its places; one that nobody hears has no errors."""
    parameters = NETWORK.initial("zeros", 0)
    parameters["O.w"][:, :2] = 0.5
    parameters["F.b"] = np.array([0.0, 20.0, 0.0])
    found = looked(NETWORK, parameters)[0]
    places = [[row, column] for row in range(4) for column in range(4)]
    assert found.shape == (3, 4, 4)
    assert found.saturated_units.tolist() == [[1, *place] for place in places]
    quiet = {tuple(unit) for unit in found.vanishing_units.tolist()}
    assert {(k, *place) for k in (1, 2) for place in map(tuple, places)} <= quiet
    assert (0, 0, 0) not in quiet


def test_a_mean_scales_the_errors_and_takes_the_gradients_as_they_are() -> None:
    """δ is an image's part in the update; gradients are those that are given."""
    parameters = NETWORK.initial("normal", 0)
    whole = looked(NETWORK, parameters)[0]
    halved = {"F.dw": np.full((3, 1, 3, 3), 2.0), "O.dw": np.zeros((3, 12))}
    found = layer_statistics(NETWORK, parameters, IMAGES, TARGETS, halved, 1 / 7)[0]
    assert found.delta.edges[-1] == pytest.approx(whole.delta.edges[-1] / 7)
    assert found.gradient.edges[-1] == 2.0
    assert found.vanishing == whole.vanishing


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_what_is_steepest_is_so(name: str) -> None:
    """No slope is larger than an activation's steepest, and one without can never be saturated."""
    function, z = FUNCTIONS[name], np.linspace(-30.0, 30.0, 1201)
    slopes = function.derivative(z)
    if function.steepest is None:
        assert slopes.min() > 0.0
        assert function.flat is None
    else:
        assert slopes.max() == function.steepest
        assert function.flat is not None
        assert slopes.min() < function.flat


def test_leaky_relu_saturates_nowhere() -> None:
    """Its slope is a hundredth where z is negative, and passes the error on."""
    layers: list[Op] = [Conv(2, 3), Activation("leaky_relu"), Dense(3), Activation("tanh")]
    network = Network((1, 6, 6), layers)
    assert flat_slopes(network) == {"O": 0.04}
    assert looked(network, network.initial("he", 0))[0].saturated is None
