"""The dense layer: every unit reads every value below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.formula import Formula, total
from engine.functions import Array
from engine.notation import Index
from engine.ops.base import Bound, CellFormula, Outputs, Params, Shape, register

__all__ = ["Dense"]


@register
@dataclass(frozen=True)
class Dense:
    """Each unit adds up all values below, weighted.

    Forward   y[u]     = Σ_m w[u, m] · x[m] + b[u], m running over all indices of x
    Backward  dw[u, m] = dy[u] · x[m],  db[u] = dy[u],  dx[m] = Σ_u dy[u] · w[u, m]

    x is (n, map, row, column) or (n, unit), w is (u, …) over the indices of x, b and y[n] are (u,).
    """

    units: int

    type: ClassVar[str] = "dense"

    def output_shape(self, shape: Shape) -> Shape:
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"w": (self.units, *shape), "b": (self.units,)}

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        flat = params["w"].reshape(self.units, -1)
        return {"y": x.reshape(len(x), -1).dot(flat.T) + params["b"]}

    def kept(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        return self.forward(x, params)

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        dx: Array = dy.dot(params["w"].reshape(self.units, -1))
        return dx.reshape(x.shape)

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        dw = dy.T.dot(x.reshape(len(x), -1)).reshape(params["w"].shape)
        return {"dw": dw, "db": np.add.reduce(dy)}

    def formulas(self, t: Bound) -> Mapping[str, CellFormula]:
        units = range(self.units)
        names = ("k", "i", "j") if len(t.x.shape) == 3 else (t.unit_below,)
        over = dict(zip(names, map(range, t.x.shape), strict=True))

        def y(u: Index) -> Formula:
            return total(lambda *m: t.w[(u, *m)] * t.x[m], **over) + t.b[u]

        def dw(u: Index, *m: Index) -> Formula:
            return t.dy[u] * t.x[m]

        def db(u: Index) -> Formula:
            return t.dy[u]

        def dx(*m: Index) -> Formula:
            return total(lambda n: t.dy[n] * t.w[(n, *m)], **{t.unit: units})

        return {"y": y, "dw": dw, "db": db, "dx": dx}
