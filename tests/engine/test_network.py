"""Networks: letters, shapes, refusals; any stack builds and is right, or says what is wrong."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    trace,
)
from engine.errors import CombinationError, ShapeError
from engine.functions import FUNCTIONS
from engine.losses import Loss
from engine.ops import Op
from tests.engine.agreement import assert_agree
from tests.engine.reference import reference
from tests.engine.stacks import STACKS, grey

few = st.integers(1, 3)
hidden = st.sampled_from(sorted(FUNCTIONS)).map(Activation)
outputs = st.one_of(hidden, st.just(Softmax()))
convolutions = st.builds(Conv, few, few, few, st.integers(0, 2))
pools = st.one_of(*(st.builds(kind, few, few) for kind in (MaxPool, AveragePool, L2Pool)))
layers = st.one_of(
    st.tuples(convolutions, hidden),
    st.tuples(pools),
    st.tuples(st.builds(Dense, few), hidden),
)


@st.composite
def stacks(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Op], Loss]:
    """Layers in any order, fitting or not, with an output layer."""
    below: list[tuple[Op, ...]] = draw(st.lists(layers, max_size=4))
    ops: list[Op] = [op for layer in below for op in layer]
    ops += [Dense(draw(few)), draw(outputs)]
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 7)), draw(st.integers(1, 7)))
    losses: list[Loss] = [SquaredError(), CrossEntropy()]
    return shape, ops, draw(st.sampled_from(losses))


@settings(deadline=None, max_examples=40, derandomize=True)
@given(stacks(), st.integers(0, 9))
def test_a_stack_is_right_or_says_what_is_wrong(
    stack: tuple[tuple[int, ...], list[Op], Loss], seed: int
) -> None:
    """Any stack either builds, with traces that are autograd's, or names the layer at fault."""
    refused: ShapeError | CombinationError | None = None
    try:
        network = Network(*stack)
    except (ShapeError, CombinationError) as error:
        refused = error
    if refused is not None:
        assert re.match("layer [FPHO]", refused.layer)
        assert refused.place is not None
        assert f"{refused.layer}: wanted {refused.wanted}" in str(refused)
        return
    parameters, image, target = grey(network, seed)
    expected = reference(network, parameters, image, target)
    computed = trace(network, parameters, image, target)
    assert computed.keys() == expected.keys()
    for tensor, array in expected.items():
        assert_agree(tensor, computed[tensor], array)


def test_letters_are_numbered_where_there_are_several() -> None:
    """Two convolutions are F1 and F2; a single pool is P; the last dense layer is O."""
    network = STACKS["two convolutions, channels, stride, padding, leftovers"]
    assert [layer.letter for layer in network.layers] == ["F1", "P1", "F2", "P2", "O"]
    network = STACKS["hidden layers"]
    assert [layer.letter for layer in network.layers] == ["F", "P", "H1", "H2", "O"]
    assert [layer.type for layer in network.layers] == ["conv", "pool/max", *["dense"] * 3]


def test_the_textbook_has_69_parameters() -> None:
    """Three filters of 3×3 with a bias each, and 12 weights and a bias for each of 3 outputs."""
    network = STACKS["textbook"]
    assert network.parameter_count == 69
    assert [layer.parameters for layer in network.layers] == [30, 0, 39]
    assert network.parameter_shapes == {
        "F.w": (3, 1, 3, 3),
        "F.b": (3,),
        "O.w": (3, 3, 2, 2),
        "O.b": (3,),
    }


def test_a_layer_that_does_not_fit_is_named() -> None:
    """The error says which layer, what it wanted and what came."""
    ops: list[Op] = [Conv(1, 3), Activation(), MaxPool(5, 5), Dense(1), Activation()]
    with pytest.raises(ShapeError, match=r"layer P \(pool/max\): wanted maps of at least 5×5"):
        Network((1, 6, 6), ops)


WRONG: Sequence[tuple[str, list[Op]]] = (
    ("the last layer", []),
    ("the last layer", [Conv(1, 2), Activation()]),
    ("layer F (conv)", [Conv(1, 2), Dense(1), Activation()]),
    ("layer H (dense)", [Dense(1), Dense(1), Activation()]),
    ("the first layer", [Activation(), Dense(1), Activation()]),
    ("layer P (pool/max)", [MaxPool(2, 2), Activation(), Dense(1), Activation()]),
    ("layer F (conv)", [Conv(1, 2), Softmax(), Dense(1), Activation()]),
    ("layer H2 (dense)", [Dense(2), Activation(), Dense(2), Softmax(), Dense(1), Activation()]),
)


@pytest.mark.parametrize(("layer", "ops"), WRONG, ids=str)
def test_orders_that_are_no_network(layer: str, ops: list[Op]) -> None:
    """A weighted layer without its activation, one too many, or no output layer is refused."""
    with pytest.raises(CombinationError) as caught:
        Network((1, 4, 4), ops)
    assert caught.value.layer == layer


def test_the_last_layer_is_named_by_what_it_is() -> None:
    """A network that ends in a pool is told so, not that an activation came."""
    ops: list[Op] = [Conv(1, 2), Activation(), MaxPool(2, 2)]
    with pytest.raises(CombinationError, match=r"the last layer: .*, came layer P \(pool/max\)"):
        Network((1, 4, 4), ops)


def test_a_cost_that_does_not_go_with_the_outputs_names_their_layer() -> None:
    """Cross-entropy with tanh outputs names layer O, what it wanted and what came."""
    said = r"layer O \(dense\): wanted sigmoid or softmax outputs with cross_entropy, came tanh"
    with pytest.raises(CombinationError, match=said) as caught:
        Network((1, 4, 4), [Dense(2), Activation("tanh")], CrossEntropy())
    assert caught.value.place == 1


def test_an_unknown_activation_is_refused() -> None:
    """The error says which activations there are."""
    with pytest.raises(CombinationError, match=r"sigmoid, tanh.*came swish"):
        Activation("swish")


@pytest.mark.parametrize("scheme", ["normal", "xavier", "he", "zeros"])
def test_the_same_seed_gives_the_same_weights(scheme: str) -> None:
    """First weights are those of scheme and seed, to the bit, and of the promised shapes."""
    network = STACKS["textbook"]
    once, again = network.initial(scheme, 7), network.initial(scheme, 7)
    assert {name: array.shape for name, array in once.items()} == network.parameter_shapes
    assert all(once[name].tobytes() == again[name].tobytes() for name in once)
    other = network.initial(scheme, 8)
    assert (scheme == "zeros") == all((once[n] == other[n]).all() for n in once)


@pytest.mark.parametrize("scheme", ["normal", "xavier", "he"])
def test_the_spread_of_first_weights(scheme: str) -> None:
    """Xavier's variance is 2 / (fan_in + fan_out), He's 2 / fan_in; both start biases at 0."""
    outputs = {"normal": 100, "xavier": 200, "he": 500}[scheme]
    below = {"normal": (1, 10, 10), "xavier": (1, 10, 20), "he": (2, 10, 10)}[scheme]
    drawn = Network(below, [Dense(outputs), Activation()]).initial(scheme, 0)
    expected = {"normal": 1.0, "xavier": np.sqrt(2 / 400), "he": np.sqrt(2 / 200)}[scheme]
    assert drawn["O.w"].std() == pytest.approx(expected, rel=0.05)
    assert drawn["O.b"].any() == (scheme == "normal")


def test_an_unknown_scheme_is_refused() -> None:
    """The error says which schemes there are."""
    with pytest.raises(CombinationError, match="normal, xavier, he, zeros"):
        STACKS["textbook"].initial("lucky", 0)
