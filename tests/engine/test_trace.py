"""A trace equals what independent automatic differentiation gives."""

from collections.abc import Callable

import numpy as np
import pytest

from engine import CrossEntropy, Network, Script, trace
from tests.engine.agreement import assert_agree
from tests.engine.reference import reference
from tests.engine.stacks import STACKS, Example, grey, tied


@pytest.mark.parametrize("example", [grey, tied])
@pytest.mark.parametrize("name", STACKS)
def test_trace_equals_automatic_differentiation(
    name: str, example: Callable[[Network], Example]
) -> None:
    """All tensors of a trace, forward and backward, ties included, are autograd's to 1e-12."""
    network = STACKS[name]
    parameters, image, target = example(network)
    computed = trace(network, parameters, image, target)
    expected = reference(network, parameters, image, target)
    assert computed.keys() == expected.keys()
    for tensor, array in expected.items():
        assert_agree(tensor, computed[tensor], array)


@pytest.mark.parametrize("name", STACKS)
def test_what_books_write_is_the_same_number(name: str) -> None:
    """Where a cell has a second equation, its value is the cell's; cross-entropy has them."""
    network = STACKS[name]
    script, tensors = Script(network), trace(network, *grey(network))
    equal = {
        tensor: [one.same for one in script.equations(tensor) if one.same is not None]
        for tensor in script.explained
    }
    found = {tensor for tensor, formulas in equal.items() if formulas}
    last = network.bindings[-1].dx
    assert found == ({"C", last} if isinstance(network.loss, CrossEntropy) else set())
    for tensor in found:
        values = [formula.value(tensors) for formula in equal[tensor]]
        assert_agree(tensor, np.reshape(values, tensors[tensor].shape), tensors[tensor])


def test_ties_are_among_them() -> None:
    """The tied image of the textbook network has blocks with several largest cells."""
    network = STACKS["textbook"]
    a = trace(network, *tied(network))["F.a"]
    blocks = a.reshape(3, 2, 2, 2, 2).swapaxes(2, 3).reshape(3, 4, 4)
    assert ((blocks == blocks.max(axis=-1, keepdims=True)).sum(axis=-1) > 1).any()


def test_a_trace_holds_every_tensor_of_the_network() -> None:
    """The tensors of a trace are those that the network names, each of the shape that it says."""
    for network in STACKS.values():
        tensors = trace(network, *grey(network))
        free = {"eta", "iteration", "updates"}
        named = {n: s for n, s in network.shapes.items() if n not in free}
        assert {name: array.shape for name, array in tensors.items()} == named


def test_huge_parameters_do_not_overflow() -> None:
    """Parameters of a million give a finite trace without a warning."""
    for network in STACKS.values():
        parameters, image, target = grey(network)
        huge = {name: np.sign(value) * 1e6 for name, value in parameters.items()}
        assert all(np.isfinite(a).all() for a in trace(network, huge, image, target).values())
