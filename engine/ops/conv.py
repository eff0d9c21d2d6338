"""Convolution (cross-correlation, as everywhere in deep learning: the filter is not flipped)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import ShapeError
from engine.formula import Formula, total
from engine.functions import Array
from engine.notation import Index, letter
from engine.ops.base import Bound, CellFormula, Outputs, Params, Shape, register
from engine.windows import Windows

__all__ = ["Conv"]


@register
@dataclass(frozen=True)
class Conv:
    """Each filter slides over all input maps and writes one map.

    Forward   y[k,i,j]  = Σ_{c,p,q} w[k,c,p,q] · x[c, s·i+p−pad, s·j+q−pad] + b[k]
    Backward  dw[k,c,p,q] = Σ_{i,j} dy[k,i,j] · x[c, s·i+p−pad, s·j+q−pad]
              db[k]     = Σ_{i,j} dy[k,i,j]
              dx[c,g,h] = Σ w[k,c,p,q] · dy[k,i,j] with s·i+p−pad = g and s·j+q−pad = h

    x is (n, c, rows, columns), w is (k, c, p, q), b is (k,), y is (n, k, i, j). Outside the image x
    reads 0.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016).
    """

    filters: int
    size: int
    stride: int = 1
    padding: int = 0

    type: ClassVar[str] = "conv"

    @cached_property
    def windows(self) -> Windows:
        """Where the filter is laid."""
        return Windows(self.size, self.stride, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ShapeError("conv", "maps below it (map, row, column)", f"shape {list(shape)}")
        rows, columns = self.windows.grid(shape)
        if rows < 1 or columns < 1:
            raise ShapeError(
                "conv",
                f"maps of at least {self.size}×{self.size} cells with the padding",
                f"{shape[1]}×{shape[2]} with padding {self.padding}",
            )
        return self.filters, rows, columns

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"w": (self.filters, shape[0], self.size, self.size), "b": (self.filters,)}

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        """One tap of the filter after the other, each over the whole batch.

        Every cell is the same sequence of rounded products and sums wherever it lies, so equal
        patches give equal bits, which a matrix product does not promise; ties hang on it.
        """
        w, b = params["w"], params["b"]
        padded, grid = self.windows.pad(x), self.windows.grid(x.shape)
        y = np.empty((len(x), self.filters, *grid))
        y[:] = b[:, None, None]
        for c in range(x.shape[1]):
            for p in range(self.size):
                for q in range(self.size):
                    patch = self.windows.tap(padded[:, c : c + 1], p, q, grid)
                    y += w[:, c, p, q, None, None] * patch
        return {"y": y}

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        padded, grid = np.zeros_like(self.windows.pad(x)), self.windows.grid(x.shape)
        shares = np.tensordot(dy, params["w"], axes=([1], [0]))  # (n, i, j, c, p, q)
        for p in range(self.size):
            for q in range(self.size):
                tap = self.windows.tap(padded, p, q, grid)
                tap += shares[..., p, q].transpose(0, 3, 1, 2)
        return self.windows.crop(padded)

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        windows = self.windows.view(self.windows.pad(x), self.windows.grid(x.shape))
        dw = np.tensordot(dy, windows, axes=([0, 2, 3], [0, 2, 3]))  # (k, c, p, q)
        return {"dw": dw, "db": dy.sum(axis=(0, 2, 3))}

    def formulas(self, t: Bound) -> Mapping[str, CellFormula]:
        s, pad = self.stride, self.padding
        _, channels, size, _ = t.w.shape
        filters, rows, columns = t.y.shape

        def y(k: Index, i: Index, j: Index) -> Formula:
            taps = total(
                lambda c, p, q: t.w[k, c, p, q] * t.x[c, s * i + p - pad, s * j + q - pad],
                c=range(channels),
                p=range(size),
                q=range(size),
            )
            return taps + t.b[k]

        def dw(k: Index, c: Index, p: Index, q: Index) -> Formula:
            return total(
                lambda i, j: t.dy[k, i, j] * t.x[c, s * i + p - pad, s * j + q - pad],
                i=range(rows),
                j=range(columns),
            )

        def db(k: Index) -> Formula:
            return total(lambda i, j: t.dy[k, i, j], i=range(rows), j=range(columns))

        def dx(c: Index, g: Index, h: Index) -> Formula:
            over: dict[str, Iterable[int] | None] = {
                "k_" if c == letter("k") else "k": range(filters),
                "i_": self.windows.holding(g, rows),
                "j_": self.windows.holding(h, columns),
            }
            return total(
                lambda k, i, j: t.w[k, c, g + pad - s * i, h + pad - s * j] * t.dy[k, i, j], **over
            )

        return {"y": y, "dw": dw, "db": db, "dx": dx}
