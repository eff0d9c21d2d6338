"""Softmax: the outputs as shares of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import ShapeError
from engine.formula import Apply, Family, Formula, Place, apply, indicator, total
from engine.functions import Array
from engine.notation import Index
from engine.ops.base import Bound, CellFormula, Outputs, Params, Shape, register

__all__ = ["Softmax", "log_softmax"]


def log_softmax(z: Array) -> Array:
    """z − logsumexp(z) along the last axis, z (n, u); without overflow or cancellation."""
    shifted = z - z.max(axis=-1, keepdims=True)
    logarithms: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logarithms


@register
@dataclass(frozen=True)
class Softmax:
    """Each output becomes its share: positive, adding up to 1.

    Forward   y[u] = e^x[u] / Σ_m e^x[m], computed as e^(x[u] − logsumexp(x))
    Backward  dx[u] = Σ_m dy[m] · y[m] · ([u = m] − y[u]), the full Jacobian

    x, y, dy, dx are (n, u).
    """

    type: ClassVar[str] = "softmax"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ShapeError("softmax", "a dense layer below it", f"shape {list(shape)}")
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {}

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        return {"y": np.exp(log_softmax(x))}

    def kept(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        return self.forward(x, params)

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        y = outputs["y"]
        weighted = dy * y
        result: Array = weighted - y * weighted.sum(axis=-1, keepdims=True)
        return result

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        return {}

    def formulas(self, t: Bound) -> Mapping[str, CellFormula]:
        units = range(t.x.shape[0])

        def y(u: Index) -> Formula:
            everything = Apply("logsumexp", Family(lambda m: t.x[m], {"m": units}))
            return apply("exp", t.x[u] - everything)

        def dx(u: Index) -> Formula:
            return total(
                lambda m: t.dy[m] * t.y[m] * (indicator(Place(u), Place(m)) - t.y[u]), m=units
            )

        return {"y": y, "dx": dx}
