"""Pooling: each block of cells becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import ShapeError
from engine.formula import (
    Family,
    Formula,
    Number,
    Place,
    Sum,
    apply,
    indicator,
    largest,
    total,
)
from engine.functions import Array
from engine.notation import Index
from engine.ops.base import Bound, CellFormula, Outputs, Params, Shape, register
from engine.windows import Places, Windows, covered, owners

__all__ = ["AveragePool", "L2Pool", "MaxPool", "Pool"]

OfBlock = Callable[[str], NDArray[Any]]


@dataclass(frozen=True)
class Pool:
    """What the kinds of pooling share: square blocks, no padding, no parameters.

    x is (n, k, rows, columns), y and dy are (n, k, i, j), dx is like x. Blocks may overlap or leave
    gaps; leftover rows and columns that fill no block are dropped and get no error.
    """

    size: int
    stride: int

    type: ClassVar[str] = "pool"

    @cached_property
    def windows(self) -> Windows:
        """The blocks."""
        return Windows(self.size, self.stride)

    @property
    def cells(self) -> int:
        """How many cells a block has."""
        return self.size * self.size

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ShapeError("pool", "maps below it (map, row, column)", f"shape {list(shape)}")
        rows, columns = self.windows.grid(shape)
        if rows < 1 or columns < 1:
            raise ShapeError(
                "pool",
                f"maps of at least {self.size}×{self.size} cells",
                f"{shape[1]}×{shape[2]}",
            )
        return shape[0], rows, columns

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {}

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        return {}

    def blocks(self, x: Array) -> Array:
        """The cells of every block, row by row, (n, k, i, j, m); a copy."""
        n, maps, rows, columns = x.shape
        return x.reshape(n, maps, -1).take(covered(self.windows, (1, rows, columns)), 2)

    def kept(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        outputs = self.forward(x, params)
        if self.windows.apart:
            outputs["mask"] = self.factors(x, outputs)
        return outputs

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        raise NotImplementedError

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        factors = outputs["mask"] if "mask" in outputs else self.factors(x, outputs)
        held, _, _ = owners(self.windows, x.shape[-2:])
        shares: Array = dy.reshape(*dy.shape[:2], -1).take(held, 2)
        shares *= factors
        return shares if self.windows.apart else np.add.reduce(shares, -1)

    def factors(self, x: Array, outputs: Outputs) -> Array:
        """By what the error of each block that holds a cell reaches it, like its owners.

        (n, k, rows, columns), like x; where blocks may overlap, (n, k, rows, columns, blocks).
        """
        held, place, inside = owners(self.windows, x.shape[-2:])
        flat = *x.shape[:2], -1

        def of_block(name: str) -> NDArray[Any]:
            return outputs[name].reshape(flat).take(held, 2)

        cells = x if self.windows.apart else x[..., None]
        found: Array = self.factor(cells, of_block, place) * inside
        return found

    def factor(self, x: Array, of_block: OfBlock, place: Places) -> NDArray[Any]:
        """The same elementwise, for cells ``x`` at a ``place`` in their block.

        ``of_block`` gives an output of each cell's block by its name, of the shape of what comes
        back: (n, k, rows, columns), or (n, k, rows, columns, blocks) where blocks may overlap. Then
        x has an axis of 1 for the blocks; ``place`` is the same without n and k.
        """
        raise NotImplementedError

    def at(self, k: Index, i: Index, j: Index, p: Index, q: Index) -> tuple[Index, Index, Index]:
        """The cell at row p and column q of block (i, j)."""
        return k, self.stride * i + p, self.stride * j + q

    def over_blocks(self, body: CellFormula, t: Bound, g: Index, h: Index) -> Sum:
        """The sum of ``body(i, j)`` over the blocks that hold the cell (g, h)."""
        _, rows, columns = t.y.shape
        over = {"i'": self.windows.holding(g, rows), "j'": self.windows.holding(h, columns)}
        return Sum(Family(body, over, alone=self.windows.apart))

    def share(self, t: Bound, k: Index, g: Index, h: Index, i: Index, j: Index) -> Formula:
        """The factor by which block (i, j) passes its error to the cell (g, h)."""
        raise NotImplementedError

    def dx(self, t: Bound, k: Index, g: Index, h: Index) -> Formula:
        """The error that reaches a cell: from each block that holds it, that block's share."""
        return self.over_blocks(lambda i, j: t.dy[k, i, j] * self.share(t, k, g, h, i, j), t, g, h)

    def mask(self, t: Bound, k: Index, g: Index, h: Index) -> Formula:
        """The share alone."""
        return self.over_blocks(lambda i, j: self.share(t, k, g, h, i, j), t, g, h)

    def y(self, t: Bound, k: Index, i: Index, j: Index) -> Formula:
        """The value of one block."""
        raise NotImplementedError

    def formulas(self, t: Bound) -> Mapping[str, CellFormula]:
        return {
            "y": lambda k, i, j: self.y(t, k, i, j),
            "dx": lambda k, g, h: self.dx(t, k, g, h),
            "mask": lambda k, g, h: self.mask(t, k, g, h),
        }


@register
@dataclass(frozen=True)
class MaxPool(Pool):
    """Each block becomes its largest cell.

    Forward   y[k,i,j]  = max_{p,q} x[k, s·i+p, s·j+q]
    Backward  dx[k,g,h] = Σ dy over the blocks whose winner is (g, h)

    The winner is the first cell, row by row, that equals the maximum; it gets the whole error.
    ``switch`` (n, k, i, j) is its place in the block, counted row by row from 0.

    Source: Zeiler and Fergus (2014) for the switches; the tie rule is PyTorch's on the CPU.
    """

    type: ClassVar[str] = "pool/max"

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        blocks = self.blocks(x)
        return {"y": np.maximum.reduce(blocks, -1), "switch": blocks.argmax(-1)}

    def factor(self, x: Array, of_block: OfBlock, place: Places) -> NDArray[Any]:
        won: NDArray[np.bool_] = of_block("switch") == place
        return won

    def y(self, t: Bound, k: Index, i: Index, j: Index) -> Formula:
        side = range(self.size)
        return largest(lambda p, q: t.x[self.at(k, i, j, p, q)], p=side, q=side)

    def share(self, t: Bound, k: Index, g: Index, h: Index, i: Index, j: Index) -> Formula:
        place = (g - self.stride * i) * self.size + (h - self.stride * j)
        return indicator(t.switch[k, i, j], Place(place), arrow=(g, h))


@register
@dataclass(frozen=True)
class AveragePool(Pool):
    """Each block of m cells becomes its mean.

    Forward   y[k,i,j]  = (1/m) Σ_{p,q} x[k, s·i+p, s·j+q]
    Backward  dx[k,g,h] = (1/m) Σ dy over the blocks that hold (g, h)
    """

    type: ClassVar[str] = "pool/average"

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        return {"y": self.blocks(x).mean(axis=-1)}

    def factor(self, x: Array, of_block: OfBlock, place: Places) -> NDArray[Any]:
        return np.full(of_block("y").shape, 1.0 / self.cells)

    def y(self, t: Bound, k: Index, i: Index, j: Index) -> Formula:
        side = range(self.size)
        return total(lambda p, q: t.x[self.at(k, i, j, p, q)], p=side, q=side) / self.cells

    def share(self, t: Bound, k: Index, g: Index, h: Index, i: Index, j: Index) -> Formula:
        return Number(1.0) / self.cells


@register
@dataclass(frozen=True)
class L2Pool(Pool):
    """Each block becomes the root of its sum of squares.

    Forward   y[k,i,j]  = √Σ_{p,q} x[k, s·i+p, s·j+q]²
    Backward  dx[k,g,h] = Σ dy[k,i,j] · x[k,g,h] / y[k,i,j] over the blocks that hold (g, h);
              a block with y = 0 adds 0
    """

    type: ClassVar[str] = "pool/l2"

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        blocks = self.blocks(x)
        return {"y": np.sqrt((blocks * blocks).sum(axis=-1))}

    def factor(self, x: Array, of_block: OfBlock, place: Places) -> NDArray[Any]:
        y = of_block("y")
        return np.divide(x, y, out=np.zeros(y.shape), where=y != 0)

    def y(self, t: Bound, k: Index, i: Index, j: Index) -> Formula:
        side = range(self.size)
        squares = total(lambda p, q: t.x[self.at(k, i, j, p, q)] ** 2, p=side, q=side)
        return apply("sqrt", squares)

    def share(self, t: Bound, k: Index, g: Index, h: Index, i: Index, j: Index) -> Formula:
        return t.x[k, g, h] / t.y[k, i, j]
