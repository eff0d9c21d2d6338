"""Activations: right where they are ordinary, finite where they are not."""

import math

import numpy as np
import pytest

from engine.functions import FUNCTIONS, SCALARS, logsumexp, sigmoid, sigmoid_prime, softplus
from tests.engine.agreement import assert_differences_agree, differences

Z = np.array([-30.0, -2.0, -0.3, 0.2, 1.7, 25.0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivative_is_the_finite_difference(name: str) -> None:
    """a′(z) is what central finite differences of a(z) give."""
    function = FUNCTIONS[name]
    numeric = differences(lambda z: float(function.value(z).sum()), Z)
    assert_differences_agree(name, function.derivative(Z), numeric)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scalar_and_array_are_the_same_bits(name: str) -> None:
    """A formula applies to one number what the kernel applies to an array."""
    function = FUNCTIONS[name]
    assert [SCALARS[name](z) for z in Z] == function.value(Z).tolist()
    assert [SCALARS[f"{name}_prime"](z) for z in Z] == function.derivative(Z).tolist()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_saturated_activations_stay_finite(name: str) -> None:
    """No activation overflows at ±800, nor at a thousand million."""
    z = np.array([-1e9, -800.0, 800.0, 1e9])
    assert np.isfinite(FUNCTIONS[name].value(z)).all()
    assert np.isfinite(FUNCTIONS[name].derivative(z)).all()


def test_saturated_sigmoid() -> None:
    """The sigmoid of ±800 is 0 and 1, with a slope of 0."""
    z = np.array([-800.0, 800.0])
    assert sigmoid(z).tolist() == [0.0, 1.0]
    assert sigmoid_prime(z).tolist() == [0.0, 0.0]


def test_slope_of_a_saturated_neuron_keeps_its_digits() -> None:
    """Where 1 − a has rounded to 0, a′ is still e^−z."""
    assert sigmoid_prime(np.array([50.0]))[0] == pytest.approx(math.exp(-50.0), rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_slope_at_the_corner(name: str) -> None:
    """At 0 the slope of ReLU is that of the left side: 0, or the leak."""
    corner = FUNCTIONS[name].derivative(np.zeros(1))[0]
    assert corner == FUNCTIONS[name].derivative(np.array([-1.0]))[0]


def test_softplus_and_logsumexp_do_not_overflow() -> None:
    """ln(1 + e^z) and ln Σ e^z are right for a z whose exponential is infinite."""
    assert softplus(np.array([-800.0, 0.0, 800.0])).tolist() == [0.0, math.log(2.0), 800.0]
    assert logsumexp(1000.0, 1000.0) == 1000.0 + math.log(2.0)
    assert logsumexp(-1000.0) == -1000.0
