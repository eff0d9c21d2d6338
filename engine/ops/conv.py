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
from engine.windows import Windows, covered, covered_by_tap, covering

__all__ = ["Conv"]

#: How many products are kept at a time: as many as stay in the processor's cache.
AT_ONCE = 2**15


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
        """``y`` (n, k, i, j) of x (n, c, rows, columns).

        All products, tap by tap, then their sum over the taps: a few images at a time.

        Every cell is the same sequence of rounded products and sums wherever it lies, so equal
        patches give equal bits, which a matrix product does not promise; ties hang on it.
        """
        n, (rows, columns) = len(x), self.windows.grid(x.shape)
        places = covered_by_tap(self.windows, x.shape[1:])
        pixels = self.windows.pad(x).reshape(n, -1)
        w = params["w"].reshape(self.filters, -1).T[:, None, :, None]  # (c·p·q, 1, k, 1)
        y = np.empty((n, self.filters, rows * columns))
        step = max(1, AT_ONCE // (w.size * rows * columns))
        for start in range(0, n, step):
            some = slice(start, start + step)
            taps = pixels[some].take(places, 1).transpose(1, 0, 2)[:, :, None]
            np.add.reduce(np.multiply(w, taps, order="C"), axis=0, out=y[some])
        y += params["b"][:, None]
        return {"y": y.reshape(n, self.filters, rows, columns)}

    def kept(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        return self.forward(x, params)

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        """``dx`` (n, c, rows, columns) of dy (n, k, i, j).

        The errors of all windows that cover a pixel, each times the weight that lies on it.
        """
        n, channels = x.shape[:2]
        errors = np.zeros((n, dy[0].size + 1))  # and a 0 for where there is no window
        errors[:, :-1] = dy.reshape(n, -1)
        places = covering(self.windows, x.shape[1:], self.filters)
        w = params["w"].transpose(0, 2, 3, 1).reshape(-1, channels)  # (k·p·q, c)
        found: Array = errors.take(places, 1).reshape(-1, len(w)).dot(w)
        return found.reshape(n, -1, channels).transpose(0, 2, 1).reshape(x.shape)

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        places = covered(self.windows, x.shape[1:])
        taps = self.windows.pad(x).reshape(len(x), -1).take(places, 1)
        error = dy.transpose(1, 0, 2, 3).reshape(self.filters, -1)  # (k, n·i·j)
        dw = error.dot(taps.reshape(error.shape[1], -1)).reshape(params["w"].shape)
        return {"dw": dw, "db": np.add.reduce(error, axis=1)}

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
