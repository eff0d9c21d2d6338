"""Sliding windows over the rows and columns of maps, and their way back.

Convolution and pooling share them: window (i, j) holds the cells (s·i + p, s·j + q) with
0 ≤ p, q < size. Arrays are (n, map, row, column), float64. Rows and columns that fill no whole
window are left over.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.functions import Array
from engine.notation import Index, Letter

__all__ = ["Places", "Windows", "covered", "covered_by_tap", "covering", "owners"]

Places = NDArray[np.intp]


class Windows(NamedTuple):
    """Square windows of ``size`` cells a side, ``stride`` apart, on maps padded by ``padding``.

    A tuple, since it is the key of what is looked up for each pass: tuples are hashed in C.
    """

    size: int
    stride: int
    padding: int = 0

    @property
    def apart(self) -> bool:
        """Whether no cell lies in two windows."""
        return self.stride >= self.size

    def along(self, length: int) -> int:
        """How many windows fit along ``length`` cells; 0 or less where none does."""
        return (length + 2 * self.padding - self.size) // self.stride + 1

    def grid(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """How many windows fit on maps of ``shape`` (…, rows, columns)."""
        return self.along(shape[-2]), self.along(shape[-1])

    def pad(self, x: Array) -> Array:
        """``x`` (n, map, row, column) with a border of zeros."""
        if not self.padding:
            return x
        n, maps, rows, columns = x.shape
        edge = self.padding
        padded = np.zeros((n, maps, rows + 2 * edge, columns + 2 * edge))
        padded[:, :, edge:-edge, edge:-edge] = x
        return padded

    def holding(self, cell: Index, length: int) -> Iterable[int] | None:
        """The windows, along one side, that hold that row or column; None for a letter.

        ``length`` is the number of windows along that side.
        """
        if isinstance(cell, Letter):
            return None
        first = -((self.size - 1 - cell - self.padding) // self.stride)
        last = (cell + self.padding) // self.stride
        return range(max(first, 0), min(last + 1, length))


# Small networks spend their time on asking, not on computing: one `take` of known places costs a
# fraction of laying views, and on larger ones it is no slower. Places count cells row by row.


@lru_cache(maxsize=64)
def covered(windows: Windows, shape: tuple[int, int, int]) -> Places:
    """The places that each window covers in padded maps: (i, j, c·p·q) for ``shape`` (c, g, h)."""
    maps, *sides = shape
    height, width = (side + 2 * windows.padding for side in sides)
    tap, (rows, columns) = np.arange(windows.size), windows.grid(shape)
    i, j = (windows.stride * np.arange(count) for count in (rows, columns))
    row = i[:, None, None, None, None] + tap[:, None]
    column = j[:, None, None, None] + tap
    places: Places = (np.arange(maps)[:, None, None] * height + row) * width + column
    return places.reshape(rows, columns, -1)


@lru_cache(maxsize=64)
def covered_by_tap(windows: Windows, shape: tuple[int, int, int]) -> Places:
    """The same by tap: (c·p·q, i·j)."""
    places = covered(windows, shape)
    return np.ascontiguousarray(places.reshape(-1, places.shape[-1]).T)


@lru_cache(maxsize=64)
def covering(windows: Windows, shape: tuple[int, int, int], filters: int) -> Places:
    """Where each cell is covered: (g·h, k·p·q) places in ``filters`` maps of windows (k, i, j).

    Window (i, j) covers cell (g, h) with its tap (p, q) where s·i + p − pad = g and s·j + q − pad
    = h; where there is no such window the place is one past the last.
    """
    rows, columns = windows.grid(shape)
    tap = np.arange(windows.size)

    def along(cells: int, count: int) -> tuple[Places, NDArray[np.bool_]]:
        """The window whose tap covers a cell, (cells, taps), and whether there is one."""
        window, beside = np.divmod(
            np.arange(cells)[:, None] + windows.padding - tap, windows.stride
        )
        return window, (beside == 0) & (window >= 0) & (window < count)

    (i, in_rows), (j, in_columns) = along(shape[1], rows), along(shape[2], columns)
    down, right = np.s_[:, None, None, :, None], np.s_[:, None, None, :]
    k = np.arange(filters)[:, None, None]
    place = (k * rows + i[down]) * columns + j[right]
    there = in_rows[down] & in_columns[right]
    places: Places = np.where(there, place, filters * rows * columns)
    return places.reshape(shape[1] * shape[2], -1)


@lru_cache(maxsize=64)
def owners(windows: Windows, sides: tuple[int, int]) -> tuple[Places, Places, Array]:
    """The windows that hold each cell of a map without a border, (g, h, windows).

    Which window, counted row by row; the cell's place in it; and 1, or 0 where there is none. Of
    windows that lie apart at most one holds a cell: then each is (g, h).
    """
    rows, columns = windows.grid(sides)
    held = covering(windows, (1, *sides), 1).reshape(*sides, -1)
    place = np.broadcast_to(np.arange(held.shape[-1]), held.shape)
    if windows.apart:
        place, held = held.argmin(-1), held.min(-1)
    inside = held < rows * columns
    return np.where(inside, held, 0), np.where(inside, place, -1), inside.astype(np.float64)
