"""The cost of one image, and the error that it sends back.

a, z, t are (n, u): outputs, weighted inputs and targets of the output layer; the cost is (n,).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import CombinationError
from engine.formula import Apply, Family, Formula, Number, Tensor, apply, total
from engine.functions import Array, sigmoid, softplus
from engine.notation import Index
from engine.ops.activation import Activation
from engine.ops.base import Op
from engine.ops.softmax import Softmax, log_softmax

__all__ = ["LOSSES", "CrossEntropy", "Loss", "SquaredError"]

#: The smallest share that the factors of cross-entropy divide by, so that they stay finite.
TINY: Final = 1e-300
#: From this size on, an error of cross-entropy may be one that was held, rounding included.
HELD: Final = 0.5 / TINY


class Loss(Protocol):
    """What the passes and the explanations ask of a cost."""

    type: ClassVar[str]

    def require(self, output: Op) -> None:
        """Raise CombinationError unless it goes with that output activation."""
        ...

    def cost(self, output: Op, z: Array, a: Array, t: Array) -> Array:
        """The cost of each sample, (n,)."""
        ...

    def error(self, output: Op, z: Array, a: Array, t: Array) -> Array:
        """∂C/∂a, (n, u)."""
        ...

    def delta(self, output: Op, z: Array, a: Array, t: Array) -> Array | None:
        """∂C/∂z, (n, u), where it has a closed form; None where the activation computes it."""
        ...

    def held(self, error: Array) -> NDArray[np.bool_]:
        """Where ∂C/∂a, of any shape, is not what its formula gives: its neuron is too saturated."""
        ...

    def cost_formula(self, output: Op, z: Tensor, a: Tensor, t: Tensor) -> Formula:
        """The formula of C."""
        ...

    def error_formula(self, output: Op, z: Tensor, a: Tensor, t: Tensor, u: Index) -> Formula:
        """The formula of one cell of ∂C/∂a."""
        ...

    def cost_equal(self, output: Op, a: Tensor, t: Tensor) -> Formula | None:
        """What C equals in exact arithmetic, where books write it otherwise than it is computed."""
        ...

    def delta_equal(self, a: Tensor, t: Tensor, u: Index) -> Formula | None:
        """What ∂C/∂z[u] comes to, for targets that add up to 1; None where nothing cancels."""
        ...


@dataclass(frozen=True)
class SquaredError:
    """Half the sum of squared differences, with any output activation.

    C = ½ Σ_u (t[u] − a[u])²,  ∂C/∂a[u] = a[u] − t[u]
    """

    type: ClassVar[str] = "squared_error"

    def require(self, output: Op) -> None:
        """Every output activation will do."""

    def cost(self, output: Op, z: Array, a: Array, t: Array) -> Array:
        difference = t - a
        half: Array = 0.5 * np.add.reduce(difference * difference, -1)
        return half

    def error(self, output: Op, z: Array, a: Array, t: Array) -> Array:
        return a - t

    def delta(self, output: Op, z: Array, a: Array, t: Array) -> Array | None:
        return None

    def held(self, error: Array) -> NDArray[np.bool_]:
        return np.zeros(error.shape, np.bool_)

    def cost_formula(self, output: Op, z: Tensor, a: Tensor, t: Tensor) -> Formula:
        return 0.5 * total(lambda n: (t[n] - a[n]) ** 2, n=range(a.shape[0]))

    def error_formula(self, output: Op, z: Tensor, a: Tensor, t: Tensor, u: Index) -> Formula:
        return a[u] - t[u]

    def cost_equal(self, output: Op, a: Tensor, t: Tensor) -> Formula | None:
        return None

    def delta_equal(self, a: Tensor, t: Tensor, u: Index) -> Formula | None:
        return None


@dataclass(frozen=True)
class CrossEntropy:
    """The cross-entropy of targets and outputs, with sigmoid or softmax outputs.

    Sigmoid  C = Σ_u t[u] softplus(−z[u]) + (1 − t[u]) softplus(z[u]), which equals
             −Σ t ln a + (1 − t) ln(1 − a), and Σ softplus(z) − t z but for its cancellation;
             ∂C/∂a[u] = (1 − t[u]) / σ(−z[u]) − t[u] / σ(z[u])
    Softmax  C = −Σ_u t[u] (z[u] − logsumexp(z)), which equals −Σ t ln a;
             ∂C/∂a[u] = −t[u] / a[u]

    Either way δ = a − t for targets that add up to 1. Nothing cancels: the cost of an output that
    has rounded to 1 keeps its digits. Where a neuron is so saturated that a factor would not be
    finite, the factor is held at 1/TINY and δ is still a − t.

    Source: Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 6.2.2.2 and 6.2.2.3.
    """

    type: ClassVar[str] = "cross_entropy"

    def require(self, output: Op) -> None:
        if output not in (Activation("sigmoid"), Softmax()):
            came = getattr(output, "name", output.type)
            raise CombinationError("cross_entropy", "sigmoid or softmax outputs", came)

    def cost(self, output: Op, z: Array, a: Array, t: Array) -> Array:
        if isinstance(output, Softmax):
            chosen: Array = np.einsum("nu,nu->n", t, log_softmax(z))
            return -chosen
        cost: Array = (t * softplus(-z) + (1.0 - t) * softplus(z)).sum(axis=-1)
        return cost

    def error(self, output: Op, z: Array, a: Array, t: Array) -> Array:
        if isinstance(output, Softmax):
            return -t / np.maximum(a, TINY)
        return (1.0 - t) / np.maximum(sigmoid(-z), TINY) - t / np.maximum(sigmoid(z), TINY)

    def cost_of_outputs(self, output: Op, a: Array, t: Array) -> Array:
        """The cost as a function of a alone, (n,), for the check of ∂C/∂a; it may cancel."""
        cost: Array = -(t * np.log(np.maximum(a, TINY))).sum(axis=-1)
        if not isinstance(output, Softmax):
            cost -= ((1.0 - t) * np.log(np.maximum(1.0 - a, TINY))).sum(axis=-1)
        return cost

    def delta(self, output: Op, z: Array, a: Array, t: Array) -> Array | None:
        if isinstance(output, Softmax):
            closed: Array = a * t.sum(axis=-1, keepdims=True) - t
            return closed
        return (1.0 - t) * a - t * sigmoid(-z)

    def held(self, error: Array) -> NDArray[np.bool_]:
        return np.abs(error) >= HELD

    def cost_formula(self, output: Op, z: Tensor, a: Tensor, t: Tensor) -> Formula:
        units = range(a.shape[0])
        if isinstance(output, Softmax):
            everything = Apply("logsumexp", Family(lambda m: z[m], {"m": units}))
            return -total(lambda n: t[n] * (z[n] - everything), n=units)

        def of_unit(n: Index) -> Formula:
            right, wrong = apply("softplus", -z[n]), apply("softplus", z[n])
            return t[n] * right + (Number(1.0) - t[n]) * wrong

        return total(of_unit, n=units)

    def error_formula(self, output: Op, z: Tensor, a: Tensor, t: Tensor, u: Index) -> Formula:
        if isinstance(output, Softmax):
            return -(t[u] / a[u])
        up = (Number(1.0) - t[u]) / apply("sigmoid", -z[u])
        return up - t[u] / apply("sigmoid", z[u])

    def cost_equal(self, output: Op, a: Tensor, t: Tensor) -> Formula | None:
        def of_unit(n: Index) -> Formula:
            right = t[n] * apply("log", a[n])
            if isinstance(output, Softmax):
                return right
            return right + (Number(1.0) - t[n]) * apply("log", Number(1.0) - a[n])

        return -total(of_unit, n=range(a.shape[0]))

    def delta_equal(self, a: Tensor, t: Tensor, u: Index) -> Formula | None:
        return a[u] - t[u]


#: Every cost by its name on the wire.
LOSSES: Final[Mapping[str, Loss]] = {
    SquaredError.type: SquaredError(),
    CrossEntropy.type: CrossEntropy(),
}
