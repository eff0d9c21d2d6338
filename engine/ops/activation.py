"""An activation of each cell by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from engine.errors import CombinationError
from engine.formula import Formula, apply
from engine.functions import FUNCTIONS, Array, Function
from engine.notation import Index
from engine.ops.base import Bound, CellFormula, Outputs, Params, Shape, register

__all__ = ["Activation"]


@register
@dataclass(frozen=True)
class Activation:
    """Each cell passes a function of one number.

    Forward   y = a(x);  backward  dx = dy · a′(x), x being the weighted input

    Arrays are of any shape. ``name`` is one of :data:`engine.functions.FUNCTIONS`.
    """

    name: str = "sigmoid"

    type: ClassVar[str] = "activation"

    def __post_init__(self) -> None:
        if self.name not in FUNCTIONS:
            raise CombinationError("activation", f"one of {', '.join(FUNCTIONS)}", self.name)

    @property
    def function(self) -> Function:
        """Its value and derivative."""
        return FUNCTIONS[self.name]

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {}

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        return {"y": self.function.value(x)}

    def kept(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        y, slope = self.function.both(x)
        return {"y": y, "slope": slope}

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        slope = outputs.get("slope")
        return dy * (self.function.derivative(x) if slope is None else slope)

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        return {}

    def slope(self, t: Bound, *index: Index) -> Formula:
        """a′ of the weighted input."""
        return apply(f"{self.name}_prime", t.x[index])

    def formulas(self, t: Bound) -> Mapping[str, CellFormula]:
        return {
            "y": lambda *index: apply(self.name, t.x[index]),
            "dx": lambda *index: t.dy[index] * self.slope(t, *index),
        }
