"""Each optimizer's update agrees with its formulas and with what its source writes."""

import numpy as np
import pytest

from engine.formula import Tensor
from engine.optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum, Optimizer, Written
from tests.engine.agreement import assert_agree, cell_by_cell

SHAPE = (2, 3)
CASES = (GradientDescent(), Momentum(), Momentum(beta=0.0), Adam(), Adam(0.5, 0.75, 1e-3))


def bound(optimizer: Optimizer) -> Written:
    """The tensors that the update of one parameter reads."""
    return Written(
        theta=Tensor("w", SHAPE),
        gradient=Tensor("dw", SHAPE, "batch"),
        eta=Tensor("eta", ()),
        updates=Tensor("updates", ()),
        old={name: Tensor(f"w.{name}", SHAPE) for name in optimizer.state},
        new={name: Tensor(f"w.{name}", SHAPE, "next") for name in optimizer.state},
    )


@pytest.mark.parametrize("updates", [0, 7, 100_000])
@pytest.mark.parametrize("optimizer", CASES, ids=str)
def test_formulas_give_the_update(optimizer: Optimizer, updates: int) -> None:
    """Each cell of the new parameter and of the new state has a formula with its value."""
    rng = np.random.default_rng(updates)
    theta, g = rng.standard_normal((2, *SHAPE))
    old = {name: rng.random(SHAPE) for name in optimizer.state}
    changed, new = optimizer.update(theta, g, old, 0.2, updates)
    tensors = {"w": theta, "batch:dw": g, "eta": np.array(0.2), "updates": np.array(updates)}
    tensors |= {f"w.{name}": array for name, array in old.items()}
    tensors |= {f"next:w.{name}": array for name, array in new.items()}
    written = bound(optimizer)
    for name, array in {"": changed, **new}.items():
        found = cell_by_cell(
            lambda *index, name=name: optimizer.formula(name, written, index), SHAPE, tensors
        )
        assert_agree(name or "w", found, array)


@pytest.mark.parametrize("optimizer", CASES, ids=str)
def test_nothing_is_changed_in_place(optimizer: Optimizer) -> None:
    """An update makes new arrays; a history may keep the old ones."""
    theta, g = np.ones(SHAPE), np.ones(SHAPE)
    old = {name: np.ones(SHAPE) for name in optimizer.state}
    optimizer.update(theta, g, old, 0.2, 0)
    assert all((array == 1.0).all() for array in (theta, g, *old.values()))


def test_first_step_of_adam_is_the_learning_rate() -> None:
    """Adam's first step has the size η whatever the gradient's: its estimates are corrected."""
    g = np.array([1e-3, -5.0, 100.0])
    theta, _ = Adam().update(np.zeros(3), g, {"m": np.zeros(3), "v": np.zeros(3)}, 0.1, 0)
    np.testing.assert_allclose(theta, -0.1 * np.sign(g), rtol=1e-4)


def test_momentum_keeps_going() -> None:
    """With a constant gradient the velocity grows towards g / (1 − β)."""
    state = {"velocity": np.zeros(1)}
    for iteration in range(400):
        _, state = Momentum(beta=0.9).update(np.zeros(1), np.ones(1), state, 0.1, iteration)
    assert state["velocity"][0] == pytest.approx(10.0)


def test_every_optimizer_is_tried() -> None:
    """An optimizer without a case of its own fails here."""
    assert {optimizer.type for optimizer in CASES} == set(OPTIMIZERS)
