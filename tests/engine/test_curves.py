"""The cost along one parameter, and the curves of activations, with their slopes."""

import numpy as np
import pytest

from engine.curves import REACH, activation_curve, cost_curve
from engine.errors import UnknownIndex, UnknownTensor
from tests.engine.stacks import STACKS, grey


@pytest.mark.parametrize("name", STACKS)
def test_the_slope_is_that_of_the_curve(name: str) -> None:
    """The curve passes through the cost, and its slope there is the analytic gradient."""
    network = STACKS[name]
    parameters, image, target = grey(network)
    for tensor, array in parameters.items():
        index = tuple(size // 2 for size in array.shape)
        images, targets = image[None], target[None]
        found = cost_curve(network, parameters, images, targets, tensor, index, span=1e-5, points=3)
        assert found.value == array[index]
        assert found.costs[1] == pytest.approx(found.C, rel=1e-12)
        numeric = (found.costs[2] - found.costs[0]) / (found.values[2] - found.values[0])
        assert found.slope == pytest.approx(numeric, rel=1e-4, abs=1e-6)


def test_the_curve_reaches_as_far_as_it_is_asked_to() -> None:
    """The span lies to both sides of the value; the parameters stay as they are."""
    network = STACKS["textbook"]
    parameters, image, target = grey(network)
    before = parameters["F.b"].copy()
    found = cost_curve(
        network, parameters, image[None], target[None], "F.b", (1,), span=3.0, points=7
    )
    assert found.values.tolist() == pytest.approx([before[1] + at for at in range(-3, 4)])
    assert (parameters["F.b"] == before).all()


def test_only_cells_of_parameters_are_varied() -> None:
    """Another tensor, or a place that there is not, is refused."""
    network = STACKS["textbook"]
    parameters, image, target = grey(network)
    images, targets = image[None], target[None]
    with pytest.raises(UnknownTensor):
        cost_curve(network, parameters, images, targets, "F.z", (0, 0, 0), span=1, points=3)
    for index in ((9,), (-1,), (0, 0)):
        with pytest.raises(UnknownIndex, match=r"F\.b has no cell"):
            cost_curve(network, parameters, images, targets, "F.b", index, span=1, points=3)


def test_an_activations_curve_has_its_slope() -> None:
    """a and a′ of the layer's function, wide enough for the z that is asked for."""
    network = STACKS["textbook"]
    found = activation_curve(network, "F", 9.0, 181)
    assert found is not None
    assert (found.function, found.z[0], found.z[-1]) == ("sigmoid", -9.0, 9.0)
    assert np.allclose(found.slope, found.a * (1 - found.a))
    narrow = activation_curve(network, "F", 1.0, 5)
    assert narrow is not None
    assert narrow.z[-1] == REACH


def test_softmax_is_no_curve() -> None:
    """A layer whose outputs are no function of one z has none."""
    network = STACKS["l2 pooling, relu, softmax"]
    assert activation_curve(network, "O", 1.0, 5) is None
    assert activation_curve(network, "F", 1.0, 5) is not None
