"""A table, from CSV or from a sheet: one image a row, the label first, a header allowed.

Above the header may stand a title, or comments that begin with `#`. A header is a row whose first
cell is no number, or one that merely counts its columns, as pandas writes it: 0, 1, 2, … or
1, 2, 3, …
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from app.imports.base import IMAGES, SIDE, Imported, ImportProblem, Places, checked, number, shown

__all__ = ["Row", "Sheet", "read_table"]

PASSED = {
    "title": "The title in {} was passed over.",
    "header": "The header in {} was passed over.",
}
COUNTED = 5  # cells of a row that counts; 0, 1 may as well be the label and the pixel of an image

Sheet = dict[int, tuple[object, ...]]  # a sheet's rows that hold something, counted from 1
Row = tuple[str, Sequence[object]]  # where it stands, as people say it, and its cells


def read_table(name: str, rows: Iterable[Row]) -> Imported:
    """Read images from rows of a label and the pixels row by row; empty rows are passed over.

    Raises:
        ImportProblem: naming the row, and the column where one cell is to blame.
    """
    images: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    labels: list[float] = []
    read: list[str] = []
    notes: list[str] = []
    width = 0
    for where, cells in _untitled(_filled(rows), notes):
        width = width or _width(cells, where)
        values = _values(cells, width, where)
        _check(values, where)
        read.append(where)
        labels.append(values[0])
        images.append(np.array(values[1:]))
        if len(images) > IMAGES:
            raise ImportProblem("Too many images", where, f"at most {IMAGES}", "one more")
    if not images:
        raise ImportProblem("No images", "file", "rows of a label and pixels", "none")
    side = math.isqrt(width - 1)
    pixels = np.stack(images).reshape(-1, side, side)
    return checked(name, pixels, np.array(labels), None, notes, places=Rows(read, side))


class Rows(Places):
    """Images that stood one a row: where each row was, and how many columns an image has."""

    def __init__(self, rows: Sequence[str], side: int) -> None:
        self.rows, self.side = rows, side

    def pixel(self, image: int, *index: int) -> str:
        """Return the row and the column, counted from 1; the label is the first."""
        row, column = index
        return f"{self.rows[image]}, column {2 + row * self.side + column}"

    def label(self, image: int) -> str:
        """Return the row and its first column."""
        return f"{self.rows[image]}, column 1"


def _filled(rows: Iterable[Row]) -> Iterable[Row]:
    for where, cells in rows:
        filled = len(cells)
        while filled and cells[filled - 1] in {None, ""}:
            filled -= 1
        if filled:
            yield where, cells[:filled]


def _untitled(rows: Iterable[Row], notes: list[str]) -> Iterable[Row]:
    """Pass over the titles and then the header above the images, and note each."""
    above = {"title": _is_title, "header": _is_header}
    for where, cells in rows:
        found = next((what for what, is_one in above.items() if is_one(cells)), None)
        if found is None:
            above = {}
            yield where, cells
            continue
        notes.append(PASSED[found].format(where))
        if found == "header":
            above = {}


def _is_title(cells: Sequence[object]) -> bool:
    return number(cells[0]) is None and (len(cells) == 1 or str(cells[0]).startswith("#"))


def _is_header(cells: Sequence[object]) -> bool:
    numbers = [number(cell) for cell in cells]
    first = numbers[0]
    counted = first in {0, 1} and len(cells) >= COUNTED
    return first is None or (counted and all(one == first + at for at, one in enumerate(numbers)))


def _width(cells: Sequence[object], where: str) -> int:
    pixels = len(cells) - 1
    side = math.isqrt(max(pixels, 0))
    if pixels < 1 or side * side != pixels:
        wanted = "a label and then the pixels of a square image, such as 1 + 36 or 1 + 64 cells"
        raise ImportProblem("Not an image", where, wanted, str(len(cells)))
    if side > SIDE:
        wanted = f"at most {SIDE}×{SIDE} pixels"
        raise ImportProblem("Images too large", where, wanted, f"{side}×{side}")
    return len(cells)


def _values(cells: Sequence[object], width: int, where: str) -> list[float]:
    if len(cells) != width:
        wanted = f"{width} cells, as in the first image"
        raise ImportProblem("A row of another length", where, wanted, str(len(cells)))
    values = [number(cell) for cell in cells]
    if None in values:
        at = values.index(None)
        came = shown(cells[at])
        raise ImportProblem("Not a number", f"{where}, column {at + 1}", "a number", came)
    return [value for value in values if value is not None]


def _check(values: list[float], where: str) -> None:
    label = values[0]
    if not (0 <= label < math.inf and label == math.floor(label)):
        wanted = "the label, a whole number from 0"
        raise ImportProblem("Not a label", f"{where}, column 1", wanted, f"{label:g}")
    for at, value in enumerate(values):
        if not (0 <= value < math.inf):
            place = f"{where}, column {at + 1}"
            wanted = "a pixel, a number from 0"
            raise ImportProblem("A pixel is out of range", place, wanted, f"{value:g}")
