"""Sliding windows over the rows and columns of maps, and their way back.

Convolution and pooling share them: window (i, j) holds the cells (s·i + p, s·j + q) with
0 ≤ p, q < size. Arrays are (n, map, row, column), float64. Rows and columns that fill no whole
window are left over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.functions import Array
from engine.notation import Index, Letter

__all__ = ["Windows"]


@dataclass(frozen=True)
class Windows:
    """Square windows of ``size`` cells a side, ``stride`` apart, on maps padded by ``padding``."""

    size: int
    stride: int
    padding: int = 0

    @property
    def apart(self) -> bool:
        """Whether no cell lies in two windows."""
        return self.stride >= self.size

    def count(self, length: int) -> int:
        """How many windows fit along ``length`` cells; 0 or less where none does."""
        return (length + 2 * self.padding - self.size) // self.stride + 1

    def grid(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """How many windows fit on maps of ``shape`` (…, rows, columns)."""
        return self.count(shape[-2]), self.count(shape[-1])

    def padded(self, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        """The shape of maps of ``shape`` (n, map, row, column) with their border."""
        n, maps, rows, columns = shape
        return n, maps, rows + 2 * self.padding, columns + 2 * self.padding

    def pad(self, x: Array) -> Array:
        """``x`` (n, map, row, column) with a border of zeros."""
        if not self.padding:
            return x
        edge = self.padding
        padded = np.zeros(self.padded(x.shape))
        padded[:, :, edge:-edge, edge:-edge] = x
        return padded

    def crop(self, padded: Array) -> Array:
        """The inverse of :meth:`pad`."""
        edge = self.padding
        return padded[:, :, edge:-edge, edge:-edge] if edge else padded

    def tap(self, padded: Array, p: int, q: int, grid: tuple[int, int]) -> Array:
        """Cell (p, q) of every window, a view (n, map, i, j)."""
        rows, columns = grid
        s = self.stride
        return padded[:, :, p : p + s * rows : s, q : q + s * columns : s]

    def view(self, padded: Array, grid: tuple[int, int]) -> Array:
        """Every window, a view (n, map, i, j, p, q) that shares memory with ``padded``.

        ``numpy.ndarray`` is called directly: the same view as ``sliding_window_view`` gives, at a
        tenth of the cost, which is most of what a small network's pass takes.
        """
        padded = np.ascontiguousarray(padded)
        n, maps, row, column = padded.strides
        s = self.stride
        shape = (*padded.shape[:2], *grid, self.size, self.size)
        strides = (n, maps, s * row, s * column, row, column)
        return np.ndarray(shape, padded.dtype, padded, 0, strides)

    def holding(self, cell: Index, length: int) -> Iterable[int] | None:
        """The windows, along one side, that hold that row or column; None for a letter.

        ``length`` is the number of windows along that side.
        """
        if isinstance(cell, Letter):
            return None
        first = -((self.size - 1 - cell - self.padding) // self.stride)
        last = (cell + self.padding) // self.stride
        return range(max(first, 0), min(last + 1, length))
