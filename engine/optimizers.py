"""How the gradient changes the parameters, each with the formulas of what it writes.

An optimizer keeps, for each parameter, the state tensors named in ``state`` (zeros at first). One
update writes the new state and then the new parameter. θ is a parameter, g its gradient over the
images of the update, η the learning rate; all arrays have the parameter's shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, Protocol

import numpy as np

from engine.formula import Formula, Number, Tensor, apply
from engine.functions import Array
from engine.notation import Index

__all__ = ["OPTIMIZERS", "Adam", "GradientDescent", "Momentum", "Optimizer", "Written"]


class Written(NamedTuple):
    """What the update formulas of one parameter read."""

    theta: Tensor
    gradient: Tensor
    eta: Tensor
    updates: Tensor
    old: Mapping[str, Tensor]
    new: Mapping[str, Tensor]


class Optimizer(Protocol):
    """What descent and the explanations ask of an optimizer."""

    type: ClassVar[str]
    state: ClassVar[tuple[str, ...]]

    def update(
        self, theta: Array, g: Array, state: Mapping[str, Array], eta: float, updates: int
    ) -> tuple[Array, dict[str, Array]]:
        """The new parameter and the new state; ``updates`` were made before with this state."""
        ...

    def formula(self, name: str, t: Written, index: tuple[Index, ...]) -> Formula:
        """What the update writes into one cell: ``name`` is a state's name, or ``""`` for θ."""
        ...


@dataclass(frozen=True)
class GradientDescent:
    """θ ← θ − η g: a step against the gradient."""

    type: ClassVar[str] = "gradient_descent"
    state: ClassVar[tuple[str, ...]] = ()

    def update(
        self, theta: Array, g: Array, state: Mapping[str, Array], eta: float, updates: int
    ) -> tuple[Array, dict[str, Array]]:
        return theta - eta * g, {}

    def formula(self, name: str, t: Written, index: tuple[Index, ...]) -> Formula:
        return t.theta[index] - t.eta[()] * t.gradient[index]


@dataclass(frozen=True)
class Momentum:
    """v ← βv + g, θ ← θ − ηv: the step keeps a share of its direction.

    Source: Sutskever et al. (2013), in PyTorch's form, where η multiplies the whole velocity.
    """

    beta: float = 0.9

    type: ClassVar[str] = "momentum"
    state: ClassVar[tuple[str, ...]] = ("velocity",)

    def update(
        self, theta: Array, g: Array, state: Mapping[str, Array], eta: float, updates: int
    ) -> tuple[Array, dict[str, Array]]:
        velocity = self.beta * state["velocity"] + g
        return theta - eta * velocity, {"velocity": velocity}

    def formula(self, name: str, t: Written, index: tuple[Index, ...]) -> Formula:
        if name == "velocity":
            return self.beta * t.old["velocity"][index] + t.gradient[index]
        return t.theta[index] - t.eta[()] * t.new["velocity"][index]


@dataclass(frozen=True)
class Adam:
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η m̂ / (√v̂ + ε).

    m̂ = m / (1 − β₁^τ) and v̂ = v / (1 − β₂^τ), τ counting updates from 1.

    Source: Kingma and Ba, "Adam: A method for stochastic optimization" (2015), algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    type: ClassVar[str] = "adam"
    state: ClassVar[tuple[str, ...]] = ("m", "v")

    def update(
        self, theta: Array, g: Array, state: Mapping[str, Array], eta: float, updates: int
    ) -> tuple[Array, dict[str, Array]]:
        m = self.beta1 * state["m"] + (1.0 - self.beta1) * g
        v = self.beta2 * state["v"] + (1.0 - self.beta2) * (g * g)
        count = float(updates + 1)
        m_hat, v_hat = m / (1.0 - self.beta1**count), v / (1.0 - self.beta2**count)
        return theta - eta * (m_hat / (np.sqrt(v_hat) + self.epsilon)), {"m": m, "v": v}

    def formula(self, name: str, t: Written, index: tuple[Index, ...]) -> Formula:
        g = t.gradient[index]
        if name == "m":
            return self.beta1 * t.old["m"][index] + (1.0 - self.beta1) * g
        if name == "v":
            return self.beta2 * t.old["v"][index] + (1.0 - self.beta2) * g**2
        count = t.updates[()] + 1.0
        m_hat = t.new["m"][index] / (1.0 - Number(self.beta1) ** count)
        v_hat = t.new["v"][index] / (1.0 - Number(self.beta2) ** count)
        step = m_hat / (apply("sqrt", v_hat) + self.epsilon)
        return t.theta[index] - t.eta[()] * step


#: Every optimizer by its name on the wire.
OPTIMIZERS: Final[Mapping[str, Optimizer]] = {
    GradientDescent.type: GradientDescent(),
    Momentum.type: Momentum(),
    Adam.type: Adam(),
}
