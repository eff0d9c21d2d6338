"""Images laid out for the plan: every patch that a filter is laid on, as a column of one matrix.

A convolution is then one matrix product. The columns are ordered (place in the pooling block,
block, image), so that what is pooled stands a fixed distance apart, and what the dense layer reads
is already its matrix (map and block, image).

Names: taps are the cells of a filter, c·p·q of them; m places in a pooling block; B blocks on a
map; n images.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log2, prod

import numpy as np
from numpy.typing import NDArray

from engine.functions import Array
from engine.ops.conv import Conv
from engine.ops.pool import MaxPool

__all__ = ["ALIGN", "PENALTY", "Laid", "Patches", "Patterns"]

#: What is taken off the weighted input of a repeated patch, so that it never wins its block.
PENALTY = 1e9
#: Sides of a matrix product are filled up to a multiple of this: odd ones cost a BLAS more.
ALIGN = 4
#: Patterns are worth while where there are at most this part of the patches.
FEW = 4
#: Repeated blocks are left out where they are at least this part of all.
MANY = 8


@dataclass(frozen=True, eq=False)
class Patterns:
    """The different columns of a patch matrix, and which of them stands where.

    ``matrix`` is (rows, patterns), filled up to a multiple of :data:`ALIGN` columns; column i of
    the patch matrix is column ``places[i]`` of it.
    """

    matrix: Array
    places: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Laid:
    """Some images laid out: a matrix, and how it is made of less, where it is.

    Where pooling blocks repeat, the matrix holds each once, (rows, m·C), and ``blocks`` (B·n,) says
    which of the C each block is.
    """

    matrix: Array
    patterns: Patterns | None = None
    blocks: NDArray[np.intp] | None = None


class Patches:
    """The patch matrices of a set of images, (n, c, rows, columns), for a filter and a pooling.

    A matrix is (rows, m·B·images): the taps, then a row of ones (which the bias multiplies), then
    the row of penalties, then zeros up to a multiple of :data:`ALIGN`.
    """

    def __init__(self, images: Array, conv: Conv, pool: MaxPool) -> None:
        self.images, self.conv, self.pool = images, conv, pool
        self.taps = images.shape[1] * conv.size * conv.size
        self.rows = -(-(self.taps + 2) // ALIGN) * ALIGN
        self.places = pool.cells
        rows, columns = pool.windows.grid(conv.windows.grid(images.shape))
        self.windows = rows * columns
        self.grid = rows, columns
        #: The bytes of one image's matrix, and the largest norm of a patch with its bias's 1.
        self.size = 8 * self.rows * self.places * self.windows
        chunk = max(1, 2**22 // self.size)
        starts = range(0, len(images), chunk)
        parts = [self._cells(images[start : start + chunk]) for start in starts]
        self.repeated = np.concatenate([repeats(part) for part in parts], axis=-1)
        squares = max(float(np.einsum("t...,t...->...", x, x).max()) for x in parts)
        self._blocks: dict[int, tuple[Laid, ...]] = {}
        self.norm = float(np.sqrt(squares + 1.0))

    def _cells(self, images: Array) -> Array:
        """What every patch holds, (taps, m, B, n): a copy through a view of eight axes."""
        padded = np.ascontiguousarray(self.conv.windows.pad(images))
        s, far, (rows, columns) = self.conv.stride, self.conv.stride * self.pool.stride, self.grid
        n, c, row, column = padded.strides
        side, block = self.conv.size, self.pool.size
        view = np.lib.stride_tricks.as_strided(
            padded,
            (images.shape[1], side, side, block, block, rows, columns, len(images)),
            (c, row, column, s * row, s * column, far * row, far * column, n),
            writeable=False,
        )
        return view.reshape(self.taps, self.places, self.windows, len(images))

    def lay(self, samples: NDArray[np.int64] | slice) -> Array:
        """The patch matrix of those images, (rows, m·B·images), a new array."""
        repeated = self.repeated[..., samples]  # (m, B, images)
        matrix = np.zeros((self.rows, *repeated.shape))
        matrix[: self.taps] = self._cells(self.images[samples])
        matrix[self.taps] = 1.0
        matrix[self.taps + 1] = -PENALTY * repeated
        return matrix.reshape(self.rows, prod(repeated.shape))

    def blocks(self, width: int) -> tuple[Laid, ...]:
        """The whole set, ``width`` images in each matrix; laid out once."""
        if width not in self._blocks:
            starts = range(0, len(self.images), width)
            whole = [self.lay(slice(start, start + width)) for start in starts]
            self._blocks[width] = tuple(
                Laid(matrix, self.patterns(matrix), blocks)
                for matrix, blocks in self._without_repeats(whole)
            )
        return self._blocks[width]

    def _without_repeats(self, whole: list[Array]) -> list[tuple[Array, NDArray[np.intp] | None]]:
        """Each matrix with every block once, all with equally many columns, where it pays."""
        found = [distinct(self._apart(matrix)[: self.taps]) for matrix in whole]
        columns = -(-max(len(first) for first, _ in found) // ALIGN) * ALIGN
        if columns * MANY > (MANY - 1) * len(found[0][1]):
            return [(matrix, None) for matrix in whole]
        kept = [np.pad(first, (0, columns - len(first)), mode="edge") for first, _ in found]
        return [
            (self._apart(matrix)[:, :, columns].reshape(self.rows, -1), blocks)
            for matrix, columns, (_, blocks) in zip(whole, kept, found, strict=True)
        ]

    def _apart(self, matrix: Array) -> Array:
        """A matrix as (rows, m, blocks)."""
        return matrix.reshape(self.rows, self.places, -1)

    def patterns(self, matrix: Array) -> Patterns | None:
        """The patterns of a matrix, where a few of them make up all of it.

        None where that is not so, as in grey images. Patches are told apart by a whole number: the
        levels of their pixels as its digits.
        """
        levels = np.unique(self.images)
        if self.conv.padding:
            levels = np.union1d(levels, 0.0)
        if len(levels) < 2 or log2(len(levels)) * self.taps > 60:
            return None
        digits = np.searchsorted(levels, matrix[: self.taps])
        weights = len(levels) ** np.arange(self.taps)
        codes = weights @ digits * 2 + (matrix[self.taps + 1] < 0)
        _, first, places = np.unique(codes, return_index=True, return_inverse=True)
        if len(first) * FEW > codes.size:
            return None
        spelled = np.zeros((self.rows, -(-len(first) // ALIGN) * ALIGN))
        spelled[:, : len(first)] = matrix[:, first]
        return Patterns(spelled, places.reshape(-1))

    @cached_property
    def each(self) -> Array:
        """The matrix of each image by itself, (n, rows, m·B)."""
        everything = self.lay(slice(None)).reshape(self.rows, -1, len(self.images))
        return np.ascontiguousarray(everything.transpose(2, 0, 1))


def distinct(cells: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The different blocks of ``cells`` (taps, m, blocks): the first of each, and which each is."""
    rows = np.ascontiguousarray(cells.reshape(-1, cells.shape[-1]).T)
    whole = rows.view(np.dtype((np.void, rows.shape[1] * rows.itemsize)))[:, 0]
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    return first, which


def repeats(cells: Array) -> NDArray[np.bool_]:
    """Where a patch equals an earlier one of its block, (m, B, n), for cells (taps, m, B, n)."""
    found = np.zeros(cells.shape[1:], bool)
    for later in range(1, len(found)):
        for earlier in range(later):
            found[later] |= (cells[:, later] == cells[:, earlier]).all(axis=0)
    return found
