"""What a history asks of the function that makes its updates.

:class:`Passes` makes an update by the ordinary passes, for every network; :mod:`engine.plan` has
the fast one, and chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine import passes
from engine.functions import Array
from engine.learning import Examples, Settings, State
from engine.network import Network

__all__ = ["Order", "Passes", "Stepper", "Stretch", "Update"]

#: The images of an update, (m,) indices, by how many updates the optimizer has made before it.
Order = Callable[[int], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Update:
    """What one update computed.

    ``cost`` and ``correct`` are the summed cost and the right answers of its images before it,
    ``infinite`` names the first tensor that is not finite, or None.
    """

    cost: float
    correct: int
    gradients: Mapping[str, Array]
    parameters: Mapping[str, Array]
    optimizer: Mapping[str, Array]
    infinite: str | None


@dataclass(frozen=True, eq=False)
class Stretch:
    """What some updates in a row did.

    ``parameters`` and ``optimizer`` are the state after the last of them; ``costs`` and
    ``correct``, both (m,), are summed over the images of each update and belong to the state
    before it. ``infinite`` names the first tensor of the update after these that is not finite, if
    there is one: that update is not made.
    """

    parameters: Mapping[str, Array]
    optimizer: Mapping[str, Array]
    costs: Array
    correct: NDArray[np.int64]
    infinite: str | None = None


class Stepper(Protocol):
    """What a history asks of the function that makes its updates.

    ``updates`` says how many the optimizer has made before with this state. All three do the same
    operations on the same numbers: an update gives the same bits alone and in a stretch, now and in
    a replay.
    """

    def update(self, state: State, updates: int, samples: NDArray[np.int64]) -> Update:
        """The update of those images, (m,) indices; arrays are new, nothing is changed."""
        ...

    def run(self, state: State, updates: int, count: int, order: Order) -> Stretch:
        """Updates in a row: at least one and at most ``count``."""
        ...

    def measure(self, parameters: Mapping[str, Array]) -> tuple[float, int]:
        """The summed cost of all images, and how many are answered right.

        Parameters are arrays by id, ``F.w`` (k, c, p, q) and so on.
        """
        ...


class Passes:
    """The ordinary passes over a batch."""

    def __init__(self, network: Network, settings: Settings, examples: Examples) -> None:
        self.network, self.settings, self.examples = network, settings, examples
        self.targets = examples.targets(network.outputs)
        self.last = network.bindings[-1]

    def update(self, state: State, updates: int, samples: NDArray[np.int64]) -> Update:
        whole = len(samples) == len(self.targets)
        images = self.examples.images if whole else self.examples.images[samples]
        targets = self.targets if whole else self.targets[samples]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            tensors = passes.forward(self.network, state.parameters, images)
            cost = float(passes.cost(self.network, tensors, targets).sum())
            gradients = passes.gradients(self.network, state.parameters, tensors, targets)
            if self.settings.reduction == "mean":
                gradients = {name: g / len(samples) for name, g in gradients.items()}
            parameters, optimizer = self._descend(state, gradients, updates)
        correct = self._correct(tensors, targets)
        infinite = first_infinite(cost, {**gradients, **parameters, **optimizer})
        return Update(cost, correct, gradients, parameters, optimizer, infinite)

    def run(self, state: State, updates: int, count: int, order: Order) -> Stretch:
        found = self.update(state, updates, order(updates))
        if found.infinite is not None:
            return Stretch(
                state.parameters, state.optimizer, np.zeros(0), np.zeros(0, int), found.infinite
            )
        costs, correct = np.array([found.cost]), np.array([found.correct])
        return Stretch(found.parameters, found.optimizer, costs, correct)

    def measure(self, parameters: Mapping[str, Array]) -> tuple[float, int]:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            tensors = passes.forward(self.network, parameters, self.examples.images)
            cost = float(passes.cost(self.network, tensors, self.targets).sum())
        return cost, self._correct(tensors, self.targets)

    def _descend(
        self, state: State, gradients: Mapping[str, Array], updates: int
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        optimizer, eta = self.settings.optimizer, self.settings.learning_rate
        parameters: dict[str, Array] = {}
        states: dict[str, Array] = {}
        for name, theta in state.parameters.items():
            layer, _, role = name.partition(".")
            old = {kind: state.optimizer[f"{name}.{kind}"] for kind in optimizer.state}
            g = gradients[f"{layer}.d{role}"]
            parameters[name], new = optimizer.update(theta, g, old, eta, updates)
            states |= {f"{name}.{kind}": array for kind, array in new.items()}
        return parameters, states

    def _correct(self, tensors: Mapping[str, Array], targets: Array) -> int:
        answers = tensors[self.last.y].argmax(axis=1)
        return int(np.count_nonzero(answers == targets.argmax(axis=1)))


def first_infinite(cost: float, arrays: Mapping[str, Array]) -> str | None:
    """The first tensor with a number that is not finite, or None."""
    if not isfinite(cost):
        return "C"
    return next((name for name, one in arrays.items() if not np.isfinite(one).all()), None)
