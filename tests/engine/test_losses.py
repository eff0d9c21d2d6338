"""Costs agree with their formulas and with finite differences, and stay finite when saturated."""

import numpy as np
import pytest

from engine.errors import CombinationError
from engine.formula import Tensor
from engine.functions import FUNCTIONS, Array
from engine.losses import LOSSES, CrossEntropy, Loss, SquaredError
from engine.ops import Activation, Op, Softmax
from tests.engine.agreement import (
    assert_agree,
    assert_differences_agree,
    cell_by_cell,
    differences,
)

Z, A, T = (Tensor(name, (3,)) for name in ("z", "a", "t"))
CASES: tuple[tuple[Loss, Op], ...] = (
    *((SquaredError(), Activation(name)) for name in FUNCTIONS),
    (SquaredError(), Softmax()),
    (CrossEntropy(), Activation("sigmoid")),
    (CrossEntropy(), Softmax()),
)


def outputs(op: Op, z: Array) -> Array:
    """The outputs of weighted inputs."""
    a: Array = op.forward(z, {})["y"]
    return a


def delta(loss: Loss, op: Op, z: Array, t: Array) -> Array:
    """∂C/∂z as the passes compute it."""
    a = outputs(op, z)
    closed = loss.delta(op, z, a, t)
    return op.backward(z, {}, {"y": a}, loss.error(op, z, a, t)) if closed is None else closed


@pytest.mark.parametrize(("loss", "op"), CASES, ids=str)
def test_formulas_give_the_kernels(loss: Loss, op: Op) -> None:
    """Each cell of C and ∂C/∂a has a formula with the kernel's value; a batch is its singles."""
    z = np.random.default_rng(0).standard_normal((4, 3))
    t, a = np.eye(3)[[0, 2, 1, 1]], outputs(op, z)
    costs, errors = loss.cost(op, z, a, t), loss.error(op, z, a, t)
    for n in range(4):
        tensors = {"z": z[n], "a": a[n], "t": t[n]}
        assert_agree("C", loss.cost_formula(op, Z, A, T).value(tensors), costs[n])
        found = cell_by_cell(lambda u: loss.error_formula(op, Z, A, T, u), (3,), tensors)
        assert_agree("da", found, errors[n])


@pytest.mark.parametrize(("loss", "op"), CASES, ids=str)
def test_kernels_give_differences(loss: Loss, op: Op) -> None:
    """∂C/∂z is the finite difference of the cost."""
    z, t = np.random.default_rng(1).standard_normal((2, 3)), np.eye(3)[[1, 2]]
    numeric = differences(lambda z: float(loss.cost(op, z, outputs(op, z), t).sum()), z)
    assert_differences_agree("delta", delta(loss, op, z, t), numeric)


@pytest.mark.parametrize("op", [Activation("sigmoid"), Softmax()], ids=str)
def test_the_closed_form_is_the_product_of_its_factors(op: Op) -> None:
    """Where a closed δ stands, ∂C/∂a times the activation's derivative is the same number."""
    loss, z = CrossEntropy(), np.random.default_rng(2).standard_normal((5, 3)) * 3
    t, a = np.eye(3)[[0, 1, 2, 0, 1]], outputs(op, z)
    factors = op.backward(z, {}, {"y": a}, loss.error(op, z, a, t))
    assert_agree("delta", factors, delta(loss, op, z, t))
    assert_agree("a - t", a - t, delta(loss, op, z, t))


@pytest.mark.parametrize("op", [Activation("sigmoid"), Softmax()], ids=str)
def test_saturated_cross_entropy_is_exact(op: Op) -> None:
    """A wrong output at ±800 costs 800 a saturated unit, its δ is ±1, and nothing overflows."""
    loss, z, t = CrossEntropy(), np.array([[800.0, -800.0]]), np.array([[0.0, 1.0]])
    a = outputs(op, z)
    assert loss.cost(op, z, a, t).tolist() == [1600.0]
    assert np.isfinite(loss.error(op, z, a, t)).all()
    assert delta(loss, op, z, t).tolist() == [[1.0, -1.0]]


def test_a_nearly_right_output_keeps_the_digits_of_its_cost() -> None:
    """Where σ(z) has rounded to 1, the cost of a right answer is e^−z, not 0."""
    z = np.array([[40.0]])
    op = Activation("sigmoid")
    cost = CrossEntropy().cost(op, z, outputs(op, z), np.ones((1, 1)))
    assert cost[0] == pytest.approx(np.exp(-40.0), rel=1e-12, abs=0)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"sigmoid"}))
def test_cross_entropy_refuses_other_outputs(name: str) -> None:
    """Cross-entropy goes with sigmoid or softmax outputs only, and says so."""
    with pytest.raises(CombinationError, match=f"sigmoid or softmax outputs, came {name}"):
        CrossEntropy().require(Activation(name))


def test_every_cost_is_tried() -> None:
    """A cost without a case of its own fails here."""
    assert {loss.type for loss, _ in CASES} == set(LOSSES)
